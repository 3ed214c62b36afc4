using System.Text.RegularExpressions;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Docs;

/// <summary>A block between fences.</summary>
/// <param name="Place">File and line of the first fence, for messages.</param>
/// <param name="Info">What stands behind the first fence, such as <c>yaml fragment</c>.</param>
/// <param name="Text">The lines between the fences.</param>
internal sealed record FencedBlock(string Place, string Info, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Place;
}

/// <summary>A page of the documentation.</summary>
/// <param name="Path">The file, from the root of the repository.</param>
/// <param name="Text">What stands in it.</param>
internal sealed partial record Markdown(string Path, string Text)
{
    private static readonly string[] Roots = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

    /// <summary>Every page: those of the root, and all below docs and examples.</summary>
    public static IReadOnlyList<Markdown> All { get; } =
    [
        .. Roots.Concat(new[] { "docs", "examples" }.SelectMany(folder => Directory.GetFiles(RepositoryFiles.PathOf(folder), "*.md", SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(RepositoryFiles.PathOf(""), file)).Order(StringComparer.Ordinal))).Select(Read),
    ];

    /// <summary>Reads a page.</summary>
    public static Markdown Read(string path) => new(path, File.ReadAllText(RepositoryFiles.PathOf(path)));

    /// <summary>The blocks between fences, in order.</summary>
    public IEnumerable<FencedBlock> Blocks()
    {
        var lines = Text.Split('\n');
        for (var first = 0; first < lines.Length; first++)
        {
            if (!lines[first].StartsWith("```", StringComparison.Ordinal))
                continue;
            var last = Array.FindIndex(lines, first + 1, line => line == "```");
            if (last < 0)
                throw new FormatException($"{Path}:{first + 1}: the block is not closed.");
            yield return new FencedBlock($"{Path}:{first + 1}", lines[first][3..].Trim(), string.Join('\n', lines[(first + 1)..last]));
            first = last;
        }
    }

    /// <summary>The text without the blocks between fences.</summary>
    public string Prose => Fenced().Replace(Text, "");

    /// <summary>What stands in backticks outside of blocks.</summary>
    public IEnumerable<string> Code() => Backticked().Matches(Prose).Select(match => match.Groups[1].Value);

    /// <summary>Where its links lead, as they are written.</summary>
    public IEnumerable<string> Links() => Link().Matches(Backticked().Replace(Prose, "")).Select(match => match.Groups[1].Value);

    /// <summary>The anchors of its headings, as GitHub makes them.</summary>
    public IEnumerable<string> Anchors() => Heading().Matches(Prose).Select(match => Anchor(match.Groups[1].Value));

    /// <summary>The anchor of a heading: lower case, hyphens for spaces, no other punctuation.</summary>
    public static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Select(letter => letter == ' ' ? '-' : letter).Where(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_'));

    /// <inheritdoc/>
    public override string ToString() => Path;

    [GeneratedRegex("^```[^\n]*\n.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex("(?<!`)`([^`\n]+)`(?!`)")]
    private static partial Regex Backticked();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
