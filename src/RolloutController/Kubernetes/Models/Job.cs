namespace RolloutController.Kubernetes;

/// <summary>A Job: pods that run to their end.</summary>
public sealed record Job : IKubernetesObject
{
    /// <summary>The label by which the pods of a Job are found.</summary>
    public const string NameLabel = "job-name";

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is.</summary>
    public JobStatus Status { get; init => field = value ?? new(); } = new();
}

/// <summary>What a Job has come to.</summary>
public sealed record JobStatus
{
    /// <summary>The conditions; <c>Complete</c> or <c>Failed</c> when it has ended.</summary>
    public IReadOnlyList<JobCondition> Conditions { get; init => field = value ?? []; } = [];

    /// <summary>When it began; null before its controller saw it.</summary>
    public DateTimeOffset? StartTime { get; init; }
}

/// <summary>One condition of a Job.</summary>
public sealed record JobCondition
{
    /// <summary>What it is about.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Why, in one word; may be empty.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";
}
