namespace RolloutController.Analysis.Metrics;

/// <summary>Where metrics are read. Set up by the operator; a Rollout only names one.</summary>
public interface IMetricProvider
{
    /// <summary>The name that Rollouts use.</summary>
    string Name { get; }

    /// <summary>The selectors of a Rollout that brings none.</summary>
    ErrorRateSelectors DefaultSelectors { get; }

    /// <summary>The selectors of slow requests for a Rollout that brings none; null where the provider knows no histogram that tells versions apart.</summary>
    /// <param name="bound">Requests that take longer are slow.</param>
    LatencySelectors? Latency(TimeSpan bound);

    /// <summary>The label that is held to the Rollout's namespace in every query; null when nothing is forced.</summary>
    string? NamespaceLabel { get; }

    /// <summary>Asks. Never throws for what the provider did.</summary>
    /// <param name="query">The question.</param>
    /// <param name="cancellationToken">Gives up; the only exception.</param>
    Task<MetricReading> ReadAsync(MetricQuery query, CancellationToken cancellationToken);
}
