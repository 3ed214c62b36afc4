using System.Globalization;
using System.Text.RegularExpressions;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>A query, as far as it is understood here: one selector, with a range or without.</summary>
/// <param name="Metric">The name of the metric.</param>
/// <param name="Matchers">The matchers.</param>
/// <param name="Range">How far back values are wanted; null for the newest alone.</param>
internal sealed partial record SeriesQuery(string Metric, IReadOnlyList<SeriesMatcher> Matchers, TimeSpan? Range)
{
    /// <summary>Whether it asks for a part of a histogram.</summary>
    public bool IsOfHistogram { get; } = Metric.EndsWith("_bucket", StringComparison.Ordinal) || Metric.EndsWith("_count", StringComparison.Ordinal);

    /// <summary>Reads a query.</summary>
    /// <exception cref="FormatException">It is not understood; the message says why.</exception>
    public static SeriesQuery Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
            throw new FormatException("unknown position: parse error: no expression found in input");
        var bracket = trimmed.EndsWith(']') ? trimmed.LastIndexOf('[') : -1;
        TimeSpan? range = bracket < 0 ? null : Duration(trimmed[(bracket + 1)..^1]);
        try
        {
            var selector = new SelectorParser(bracket < 0 ? trimmed : trimmed[..bracket]).Parse();
            return new SeriesQuery(selector.Metric, SeriesMatcher.Of(selector), range);
        }
        catch (SelectorException wrong)
        {
            throw new FormatException($"parse error: {wrong.Message} The simulated Prometheus understands one selector, such as up{{job=\"pods\"}} or up[5m].");
        }
        catch (ArgumentException wrong)
        {
            throw new FormatException($"parse error: error parsing regexp: {wrong.Message}");
        }
    }

    // https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
    private static TimeSpan Duration(string text)
    {
        if (!DurationForm().IsMatch(text))
            throw new FormatException($"parse error: bad duration \"{text}\"; write one such as 5m or 1h30m");
        return DurationPart().Matches(text).Select(part => Part(long.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture), part.Groups[2].Value))
            .Aggregate(TimeSpan.Zero, (sum, part) => sum + part);
    }

    private static TimeSpan Part(long number, string unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(number),
        "s" => TimeSpan.FromSeconds(number),
        "m" => TimeSpan.FromMinutes(number),
        "h" => TimeSpan.FromHours(number),
        _ => TimeSpan.FromDays(number),
    };

    [GeneratedRegex(@"^(\d{1,9}(ms|s|m|h|d))+\z")]
    private static partial Regex DurationForm();

    [GeneratedRegex(@"(\d+)(ms|s|m|h|d)")]
    private static partial Regex DurationPart();
}
