using RolloutController.Api;

namespace RolloutController.Analysis.Metrics;

/// <summary>Which gauges make a value, and how.</summary>
/// <param name="Selector">Selects what is measured.</param>
/// <param name="Per">Selects what it is divided by, for a value in percent; null where it stands for itself.</param>
/// <param name="Reduce">What becomes of several values.</param>
public sealed record GaugeSelectors(SelectorTemplate Selector, SelectorTemplate? Per, Reduction Reduce)
{
    /// <summary>Reads the selectors of a check.</summary>
    /// <param name="spec">The check.</param>
    /// <exception cref="SelectorException">One of them is wrong; the message says what to write.</exception>
    public static GaugeSelectors Of(MetricCheckSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new(SelectorTemplate.Parse(spec.Selector), spec.Per is { } per ? SelectorTemplate.Parse(per) : null, spec.Reduce);
    }
}
