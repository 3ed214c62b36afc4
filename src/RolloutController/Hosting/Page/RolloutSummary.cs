using RolloutController.Api;

namespace RolloutController.Hosting.Page;

/// <summary>A Rollout as a line of the list.</summary>
internal sealed record RolloutSummary
{
    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The word for people.</summary>
    public Phase Phase { get; init; }

    /// <summary>Why, in one CamelCase word; empty before the first report.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Where the rollout is, what it waits for and what comes next.</summary>
    public string Message { get; init; } = "";

    /// <summary>Whether it cannot go on without a person.</summary>
    public bool IsStalled { get; init; }

    /// <summary>Whether <c>spec.paused</c> freezes it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether it is being deleted.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Whether the status is about an earlier spec than the present one.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>When a condition last changed; null before the first report.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The revision that serves beside the new one, or alone; null before the first deployment.</summary>
    public RevisionName? Stable { get; init; }

    /// <summary>The revision that is being tried; null at rest.</summary>
    public RevisionName? Canary { get; init; }

    /// <summary>Percent of the traffic that <see cref="Canary"/> carries; 0 without one.</summary>
    public int Weight { get; init; }

    /// <summary>The steps.</summary>
    public IReadOnlyList<StepView> Steps { get; init; } = [];

    /// <summary>Pods that are asked for at rest.</summary>
    public int Replicas { get; init; }

    /// <summary>Ready pods of all revisions.</summary>
    public int ReadyReplicas { get; init; }
}

/// <summary>A revision, and what it runs.</summary>
/// <param name="Revision">Its pod-template-hash.</param>
/// <param name="Images">The images of its containers; empty where its ReplicaSet is not there.</param>
internal sealed record RevisionName(string Revision, IReadOnlyList<string> Images)
{
    /// <inheritdoc/>
    public bool Equals(RevisionName? other) => other is not null && Revision == other.Revision && Images.SequenceEqual(other.Images);

    /// <inheritdoc/>
    public override int GetHashCode() => Revision.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A step of <c>spec.steps</c>.</summary>
/// <param name="Weight">Percent of the traffic.</param>
/// <param name="HoldSeconds">How long the weight stays at the least.</param>
/// <param name="Pause">Whether a person has to let the rollout go on from here.</param>
/// <param name="Place">Where it lies, seen from where the rollout is.</param>
internal sealed record StepView(int Weight, double HoldSeconds, bool Pause, StepPlace Place);

/// <summary>Where a step lies, seen from where the rollout is.</summary>
internal enum StepPlace
{
    /// <summary>It is to come.</summary>
    Ahead,

    /// <summary>The weight is on its way.</summary>
    Raising,

    /// <summary>The weight is carried, and the version is judged.</summary>
    Judging,

    /// <summary>It was passed.</summary>
    Passed,
}
