namespace RolloutController.Kubernetes;

/// <summary>A pod.</summary>
public sealed record Pod : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public PodSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What is.</summary>
    public PodStatus Status { get; init => field = value ?? new(); } = new();
}

/// <summary>What a pod wants.</summary>
public sealed record PodSpec
{
    /// <summary>The node that the pod is bound to; empty before it is scheduled.</summary>
    public string NodeName { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the pod shares the network, and so the address, of its node.</summary>
    public bool HostNetwork { get; init; }
}

/// <summary>What a pod has come to.</summary>
public sealed record PodStatus
{
    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>; empty before the first report.</summary>
    public string Phase { get; init => field = value ?? ""; } = "";

    /// <summary>Why the pod is in this phase, such as <c>Evicted</c>; mostly empty.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>The pod's address; empty before it has one.</summary>
    public string PodIP { get; init => field = value ?? ""; } = "";

    /// <summary>The conditions.</summary>
    public IReadOnlyList<PodCondition> Conditions { get; init => field = value ?? []; } = [];

    /// <summary>The containers.</summary>
    public IReadOnlyList<ContainerStatus> ContainerStatuses { get; init => field = value ?? []; } = [];

    /// <summary>The containers that run before the others.</summary>
    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get; init => field = value ?? []; } = [];
}

/// <summary>One condition of a pod.</summary>
public sealed record PodCondition
{
    /// <summary>What it is about, such as <c>Ready</c> or <c>PodScheduled</c>.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Why, in one word; may be empty.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>Why, for a person; may be empty.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>When the status last changed; null where the reporter left it out.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }
}

/// <summary>One container of a pod.</summary>
public sealed record ContainerStatus
{
    /// <summary>The container's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Whether its readiness probe succeeds.</summary>
    public bool Ready { get; init; }

    /// <summary>How often it was started anew.</summary>
    public int RestartCount { get; init; }

    /// <summary>What it does now.</summary>
    public ContainerState State { get; init => field = value ?? new(); } = new();

    /// <summary>How it ended before.</summary>
    public ContainerState LastState { get; init => field = value ?? new(); } = new();
}

/// <summary>The state of a container: waiting, terminated, or, where both are null, running or not reported.</summary>
public sealed record ContainerState
{
    /// <summary>Why it is not started yet, or null.</summary>
    public ContainerWaiting? Waiting { get; init; }

    /// <summary>How it ended, or null.</summary>
    public ContainerTerminated? Terminated { get; init; }
}

/// <summary>A container that waits to be started.</summary>
public sealed record ContainerWaiting
{
    /// <summary>Why, in one word, such as <c>ImagePullBackOff</c>.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>Why, for a person.</summary>
    public string Message { get; init => field = value ?? ""; } = "";
}

/// <summary>A container that ended.</summary>
public sealed record ContainerTerminated
{
    /// <summary>Why, in one word, such as <c>OOMKilled</c>.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>The exit code of its process.</summary>
    public int ExitCode { get; init; }
}
