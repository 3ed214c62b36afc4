namespace RolloutController.Api;

/// <summary>The share of requests that may take longer than a bound.</summary>
public sealed record LatencyCheckSpec
{
    /// <summary>What counts as slow: longer than this, which is one of the histogram's bounds.</summary>
    public TimeSpan SlowerThan { get; init; }

    /// <summary>The highest share of slow requests that is let through, as a percent string.</summary>
    public string Max { get; init => field = value ?? ""; } = "";

    /// <summary>The share above which the weight stays and people are told, as a percent string below <see cref="Max"/>; null for none.</summary>
    public string? Warning { get; init; }

    /// <summary>How much higher than the stable version's the odds of a slow request may be, as a percent string.</summary>
    public string Tolerance { get; init => field = value ?? "50%"; } = "50%";

    /// <summary>Requests that a step has to see; null computes it from <see cref="Max"/>.</summary>
    public int? MinRequests { get; init; }

    /// <summary>The PromQL selector of the counter of all requests; null takes the provider's preset.</summary>
    public string? Requests { get; init; }

    /// <summary>The PromQL selector of the bucket that ends at <see cref="SlowerThan"/>; null takes the provider's preset.</summary>
    public string? Within { get; init; }
}
