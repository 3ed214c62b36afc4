using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>A label selector as requests write it: <c>app=shop,tier in (web,api),!legacy</c>.</summary>
internal sealed partial class LabelSelector
{
    private readonly List<Func<JsonObject?, bool>> _requirements = [];

    private LabelSelector()
    {
    }

    /// <summary>Selects everything.</summary>
    public static LabelSelector Everything { get; } = new();

    /// <summary>Reads a selector.</summary>
    /// <exception cref="ApiFailure">It is none.</exception>
    public static LabelSelector Parse(string? text)
    {
        var selector = new LabelSelector();
        if (string.IsNullOrWhiteSpace(text))
            return selector;
        var position = 0;
        while (position < text.Length)
        {
            var match = Requirement().Match(text, position);
            if (!match.Success)
                throw new ApiFailure(HttpStatusCode.BadRequest, "BadRequest", $"unable to parse requirement: found '{text[position..]}'");
            selector._requirements.Add(Of(match));
            position += match.Length;
        }
        return selector;
    }

    /// <summary>Whether an object's labels meet every requirement.</summary>
    public bool Matches(JsonObject item)
    {
        var labels = item["metadata"]?["labels"] as JsonObject;
        return _requirements.TrueForAll(requirement => requirement(labels));
    }

    private static Func<JsonObject?, bool> Of(Match match)
    {
        var key = match.Groups["key"].Value;
        var values = match.Groups["values"].Success
            ? match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries).ToHashSet()
            : [match.Groups["value"].Value];
        return match.Groups["operator"].Value switch
        {
            "=" or "==" or "in" => labels => (string?)labels?[key] is { } value && values.Contains(value),
            "!=" or "notin" => labels => (string?)labels?[key] is not { } value || !values.Contains(value),
            _ when match.Groups["not"].Success => labels => labels?[key] is null,
            _ => labels => labels?[key] is not null,
        };
    }

    [GeneratedRegex("""
        \G\s*(?:(?<not>!)\s*(?<key>[\w./-]+)
        |(?<key>[\w./-]+)\s*(?:(?<operator>==|!=|=)\s*(?<value>[\w.-]*)|\s(?<operator>in|notin)\s*\((?<values>[\w.,\s-]*)\))?)
        \s*(?:,|$)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Requirement();
}
