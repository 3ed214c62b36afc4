namespace RolloutController.Analysis.Metrics;

/// <summary>Where counters are read. Set up by the operator; a Rollout only names one.</summary>
public interface IMetricProvider
{
    /// <summary>The name that Rollouts use.</summary>
    string Name { get; }

    /// <summary>The selectors of a Rollout that brings none.</summary>
    ErrorRateSelectors DefaultSelectors { get; }

    /// <summary>The label that is held to the Rollout's namespace in every query; null when nothing is forced.</summary>
    string? NamespaceLabel { get; }

    /// <summary>Reads the raw values that the matching counters had lately. Never throws for what the provider did.</summary>
    /// <param name="selector">A vector selector without variables.</param>
    /// <param name="window">How far back to read; a few scrapes at least.</param>
    /// <param name="cancellationToken">Gives up; the only exception.</param>
    Task<CounterReading> ReadAsync(string selector, TimeSpan window, CancellationToken cancellationToken);
}
