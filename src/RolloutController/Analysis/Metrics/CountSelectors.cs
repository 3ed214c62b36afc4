using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>Two kinds of counters that tell how many requests there were, and how many of them were bad.</summary>
/// <param name="Requests">Selects the counters of all requests.</param>
/// <param name="Part">Selects the counters of a part of them.</param>
public abstract record CountSelectors(SelectorTemplate Requests, SelectorTemplate Part)
{
    /// <summary>Whether both kinds of counters began with the version's own pods.</summary>
    public bool NamesRevision => Requests.NamesRevision && Part.NamesRevision;

    /// <summary>How many requests were bad.</summary>
    /// <param name="requests">All requests.</param>
    /// <param name="part">The part that was counted.</param>
    internal abstract double Bad(double requests, double part);

    /// <summary>What has to be corrected where a part of the requests could never be seen, for a person; null where nothing has.</summary>
    internal abstract string? Blind(MetricReading.Found requests, MetricReading.Found part);

    /// <summary>What is said where a part is more than the whole.</summary>
    internal abstract string MoreThanAll { get; }
}

/// <summary>The two counters that make an error rate.</summary>
/// <param name="Requests">Selects the counters of all requests.</param>
/// <param name="Errors">Selects the counters of the failed ones; what it counts, <paramref name="Requests"/> must count, too.</param>
public sealed record ErrorRateSelectors(SelectorTemplate Requests, SelectorTemplate Errors) : CountSelectors(Requests, Errors)
{
    /// <summary>Where they are written, for messages.</summary>
    public string Field { get; init; } = "analysis.errorRate";

    /// <inheritdoc/>
    internal override string MoreThanAll => $"the errors selector counts more than the requests selector; correct {Field} so that every error is one of the requests";

    /// <summary>Reads the two selectors of a Rollout.</summary>
    /// <param name="requests">The selector of all requests.</param>
    /// <param name="errors">The selector of the failed ones.</param>
    /// <exception cref="SelectorException">One of them is wrong; the message says which.</exception>
    public static ErrorRateSelectors Parse(string requests, string errors) => new(Read(requests, nameof(requests)), Read(errors, nameof(errors)));

    /// <inheritdoc/>
    internal override double Bad(double requests, double part) => part;

    /// <summary>An error counter that can never match looks just like a version without errors.</summary>
    internal override string? Blind(MetricReading.Found requests, MetricReading.Found part)
    {
        if (part.Series.Count > 0 || Errors.Metric != Requests.Metric)
            return null;
        var missing = Errors.RequiredLabels
            .Except(Requests.RequiredLabels)
            .FirstOrDefault(label => !requests.Series.Any(series => series.Labels.ContainsKey(label)));
        return missing is null ? null : $"the errors selector asks for the label {missing}, which no series of {Requests.Metric} has: errors could never be seen; correct {Field}.errors";
    }

    private static SelectorTemplate Read(string text, string name)
    {
        try
        {
            return SelectorTemplate.Parse(text);
        }
        catch (SelectorException exception)
        {
            throw new SelectorException($"analysis.errorRate.{name}: {exception.Message}");
        }
    }
}

/// <summary>The two counters that make the share of slow requests: of all requests, and of those in the bucket of a classic histogram that ends at a bound.</summary>
/// <param name="Requests">Selects the counters of all requests.</param>
/// <param name="Within">Selects the counters of those that were fast enough.</param>
public sealed record LatencySelectors(SelectorTemplate Requests, SelectorTemplate Within) : CountSelectors(Requests, Within)
{
    private const string Bound = "le";

    /// <summary>The time that the histogram counts in; null where nobody knows.</summary>
    public TimeSpan? Unit { get; init; }

    /// <summary>The time that a bucket counts in, by what its bound says.</summary>
    /// <param name="within">The bucket's selector.</param>
    /// <param name="bound">The time at which it ends.</param>
    internal static TimeSpan? UnitOf(SelectorTemplate within, TimeSpan bound) =>
        within.Matchers.FirstOrDefault(matcher => matcher.Label == Bound) is { Operator: "=", Value: [TextPart text] }
        && double.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var le) && le > 0 && double.IsFinite(le)
            ? bound / le
            : null;

    /// <summary>The question what all but one of a hundred requests took at the most, by all buckets; for display, since it is an estimate between two of them.</summary>
    /// <param name="arm">The version.</param>
    /// <param name="namespaceLabel">The label that is held to the Rollout's namespace; null for none.</param>
    internal MetricQuery.Expression SlowestHundredth(ArmIdentity arm, string? namespaceLabel) =>
        new($"histogram_quantile(0.99, sum by ({Bound}) (rate({Within.Without(Bound).Render(arm, namespaceLabel)}[5m])))");

    /// <inheritdoc/>
    internal override string MoreThanAll => "the bucket counts more requests than there are; requests and within have to be of the same histogram";

    /// <inheritdoc/>
    internal override double Bad(double requests, double part) => requests - part;

    /// <summary>A histogram has all of its buckets from the first request on.</summary>
    internal override string? Blind(MetricReading.Found requests, MetricReading.Found part) => part.Series.Count > 0 ? null
        : $"{Within.Metric} has no bucket that ends at slowerThan, so slow requests could not be told; write one of the histogram's bounds (its label le)";
}
