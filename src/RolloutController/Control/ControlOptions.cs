using RolloutController.Kubernetes;
using RolloutController.Notifications;

namespace RolloutController.Control;

/// <summary>How the controller is set up.</summary>
public sealed record ControlOptions
{
    /// <summary>The namespaces to look after; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>How many Rollouts are looked at in parallel.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>How often at most what only informs is written to a status: messages, counts, and weights on the way.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many looks at the same provider, hook or namespace's pods are under way at a time. Prometheus answers 20 queries at a time.</summary>
    public int LooksAtATime { get; init; } = 16;

    /// <summary>How long a look waits for its turn before it counts as one that brought nothing.</summary>
    public TimeSpan TurnPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What carries requests to pods in place of the network; null for the network.</summary>
    public HttpMessageHandler? Pods { get; init; }

    /// <summary>Tells people who do not look at the cluster; null where nobody is to be told. Who made it disposes it.</summary>
    public Notifier? Notifier { get; init; }

    /// <summary>What pauses and retries are spread by.</summary>
    public Random Random { get; init; } = Random.Shared;
}

/// <summary>The API, on connections of their own, so that neither a watch nor a burst of work delays the lease.</summary>
/// <param name="Requests">For the work.</param>
/// <param name="Watches">For the caches.</param>
/// <param name="Leases">For the election.</param>
/// <param name="Election">The Lease by which replicas elect the one that acts; null where this process acts alone.</param>
public sealed record Connection(IKubernetesClient Requests, IKubernetesClient Watches, IKubernetesClient Leases, LeaderElectionOptions? Election);
