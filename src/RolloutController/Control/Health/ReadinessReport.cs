namespace RolloutController.Control.Health;

/// <summary>One thing that was looked at, and how it is.</summary>
/// <param name="Name">What was looked at, a word such as <c>informers</c>.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Message">For a person: what is wrong and what it waits for. Seen by whoever may reach the port, so never a secret.</param>
public sealed record HealthCheck(string Name, bool Ok, string Message);

/// <summary>
/// What a part of the controller says about itself. All registered reports are asked together, from any thread and as often as
/// probes come: answers come from memory, at once.
/// </summary>
public interface IHealthReport
{
    /// <summary>Whether the process itself works; a failure gets it restarted, so nothing outside of it belongs here.</summary>
    IReadOnlyList<HealthCheck> Live();

    /// <summary>Whether it can do its work: caches synced, the CRD there, the API reachable. Being the leader is no part of that.</summary>
    IReadOnlyList<HealthCheck> Ready();

    /// <summary>Further facts for <c>/health/detailed</c>, by name.</summary>
    IReadOnlyDictionary<string, string> Details();
}
