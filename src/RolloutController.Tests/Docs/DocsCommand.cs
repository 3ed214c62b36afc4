using System.Text;
using System.Text.RegularExpressions;

namespace RolloutController.Tests.Docs;

/// <summary>A command of this program as a page writes it.</summary>
/// <param name="Place">The page.</param>
/// <param name="Line">The line as it is written.</param>
/// <param name="Arguments">What is given to the program.</param>
internal sealed partial record DocsCommand(string Place, string Line, IReadOnlyList<string> Arguments)
{
    private static readonly string[] Names = ["kubectl rollouts ", "kubectl-rollouts ", "RolloutController ", "dotnet run --project src/RolloutController -- "];

    /// <summary>Every command: the lines of shell blocks, those behind a prompt in blocks of text, and what stands in backticks.</summary>
    public static IEnumerable<DocsCommand> All() => Markdown.All.SelectMany(page => page.Blocks().SelectMany(Of).Concat(page.Code().SelectMany(code => Of(page.Path, code)))).DistinctBy(command => (command.Place, command.Line));

    private static IEnumerable<DocsCommand> Of(FencedBlock block)
    {
        var lines = Continued().Replace(block.Text, " ").Split('\n');
        return block.Info switch
        {
            "sh" => lines.SelectMany(line => Of(block.Place, line)),
            "text" => lines.Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).SelectMany(line => Of(block.Place, line[2..])),
            _ => [],
        };
    }

    /// <summary>The commands of a line, of which pipes and lists make several.</summary>
    private static IEnumerable<DocsCommand> Of(string place, string line)
    {
        foreach (var part in Separated(line).Select(words => string.Join('\0', words)))
        {
            foreach (var name in Names.Select(name => name.Replace(' ', '\0')).Where(name => part.StartsWith(name, StringComparison.Ordinal)))
                yield return new DocsCommand(place, line.Trim(), part[name.Length..].Split('\0'));
        }
    }

    /// <summary>The words of a shell's line by command, without redirections and comments.</summary>
    private static List<List<string>> Separated(string line)
    {
        var commands = new List<List<string>> { new() };
        foreach (Match match in Word().Matches(line))
        {
            var word = match.Value;
            if (word.StartsWith('#'))
                break;
            if (word is "|" or "||" or "&&" or ";")
                commands.Add([]);
            else if (Redirection().IsMatch(word))
                commands[^1].Add(">");
            else
                commands[^1].Add(Unquoted(word));
        }

        // A redirection ends what is given to the program; an assignment stands before it.
        return [.. commands.Select(words => words.TakeWhile(word => word != ">").SkipWhile(word => Assignment().IsMatch(word)).ToList())];
    }

    private static string Unquoted(string word)
    {
        var text = new StringBuilder();
        var quote = '\0';
        foreach (var letter in word)
        {
            if (quote == '\0' && letter is '"' or '\'')
                quote = letter;
            else if (letter == quote)
                quote = '\0';
            else
                text.Append(letter);
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Place}: {Line}";

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex("""(?:"[^"]*"|'[^']*'|[^\s"';])+|;""")]
    private static partial Regex Word();

    [GeneratedRegex("^[0-9]?(>|>>|<|<<)[^<>]*$")]
    private static partial Regex Redirection();

    [GeneratedRegex("^[A-Z_]+=")]
    private static partial Regex Assignment();
}
