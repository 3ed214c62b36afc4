namespace RolloutController.Analysis;

/// <summary>One look at the counters: what was added since the look before.</summary>
/// <param name="Time">When the look began, by the controller's clock.</param>
/// <param name="Class">What the look brought.</param>
/// <param name="Message">The same for a person.</param>
/// <param name="Requests">Requests that the canary served since the last look; 0 or more.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="StableRequests">Requests that the stable version served since the last look.</param>
/// <param name="StableErrors">How many of them failed.</param>
/// <param name="Dispersion">How much the stable version's errors came in bursts before the rollout; null where this look did not ask, or nobody knows.</param>
public sealed record Sample(
    DateTimeOffset Time,
    DataClass Class,
    string Message,
    long Requests = 0,
    long Errors = 0,
    long StableRequests = 0,
    long StableErrors = 0,
    double? Dispersion = null);
