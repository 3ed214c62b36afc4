using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>What a provider is asked. There is no other case than the three nested here.</summary>
/// <param name="Text">The question in PromQL.</param>
public abstract record MetricQuery(string Text)
{
    /// <summary>The raw values that counters had lately.</summary>
    /// <param name="Selector">A vector selector without variables.</param>
    /// <param name="Window">How far back to read; a few scrapes at least.</param>
    public sealed record Counters(string Selector, TimeSpan Window) : MetricQuery(Lately(Selector, Window));

    /// <summary>The raw values that gauges had lately; with these and not their last values alone, their age is known.</summary>
    /// <param name="Selector">A vector selector without variables.</param>
    /// <param name="Window">How far back to read; a few scrapes at least.</param>
    public sealed record Gauges(string Selector, TimeSpan Window) : MetricQuery(Lately(Selector, Window));

    /// <summary>The value of an expression now; how old the values are that it rests on, nobody tells.</summary>
    /// <param name="PromQL">The expression without variables.</param>
    public sealed record Expression(string PromQL) : MetricQuery(PromQL);

    private static string Lately(string selector, TimeSpan window) =>
        string.Create(CultureInfo.InvariantCulture, $"{selector}[{(long)Math.Ceiling(window.TotalSeconds)}s]");
}
