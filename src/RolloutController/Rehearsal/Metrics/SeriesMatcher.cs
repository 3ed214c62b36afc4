using System.Text.RegularExpressions;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>A matcher of a query, such as <c>code=~"5.."</c>.</summary>
internal sealed class SeriesMatcher
{
    private readonly Func<string, bool> _matches;

    private SeriesMatcher(string label, string comparison, string value)
    {
        (Label, Operator, Value) = (label, comparison, value);
        _matches = comparison switch
        {
            "=" => other => other == value,
            "!=" => other => other != value,
            "=~" => Pattern(value).IsMatch,
            _ => Not(Pattern(value)),
        };
    }

    public string Label { get; }

    public string Operator { get; }

    public string Value { get; }

    /// <summary>Reads the matchers of a selector.</summary>
    /// <exception cref="ArgumentException">A regular expression is none, or a variable was left in.</exception>
    public static IReadOnlyList<SeriesMatcher> Of(SelectorTemplate selector) => [.. selector.Matchers.Select(matcher => new SeriesMatcher(
        matcher.Label, matcher.Operator,
        string.Concat(matcher.Value.Select(part => part is TextPart text ? text.Text : throw new ArgumentException("a query has no variables")))))];

    /// <summary>A regular expression as Prometheus takes it: for the whole value.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static Regex Pattern(string pattern) => new($@"^(?s:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Whether a value, empty where the label is absent, matches.</summary>
    public bool Matches(string value) => _matches(value);

    private static Func<string, bool> Not(Regex pattern) => value => !pattern.IsMatch(value);
}
