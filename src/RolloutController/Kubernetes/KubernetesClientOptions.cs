namespace RolloutController.Kubernetes;

/// <summary>How patient a client is, and under what name it writes.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>For requests and watches: up to 3 retries, 10 s a try, of a write 35 s.</summary>
    public static KubernetesClientOptions Default { get; } = new();

    /// <summary>For leader election, whose loop is the retry: one try of 3 s.</summary>
    public static KubernetesClientOptions ForLeases { get; } = new()
    {
        Retries = 0,
        RequestTimeout = TimeSpan.FromSeconds(3),
        TotalTimeout = TimeSpan.FromSeconds(5),
        WriteTimeout = TimeSpan.FromSeconds(3),
        WriteTotalTimeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>The field manager of every write, at most 128 characters.</summary>
    public string FieldManager { get; init; } = "rollout-controller";

    /// <summary>How often a request that may be repeated is sent again, 0 or more.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The first wait before sending again; it doubles up to 5 s, with jitter. The API's own Retry-After goes before it.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What waits are spread by.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>How long one try at reading may take, the reading of the answer included.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long all tries at reading together may take.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long one try at a write may take. The API server gives an admission webhook that does not answer up to 30 s (10 s where nobody says), and then
    /// refuses the write or lets it through, as the webhook's <c>failurePolicy</c> says: who gives up before never learns which.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>How long all tries at a write together may take.</summary>
    public TimeSpan WriteTotalTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How long one try at a page of a list may take, the reading included.</summary>
    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long all tries at a page of a list together may take.</summary>
    public TimeSpan ListTotalTimeout { get; init; } = TimeSpan.FromSeconds(75);
}
