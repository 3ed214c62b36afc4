using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>Something to look at. Never an object, only its name: what it is then, is read when its turn comes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Its name.</param>
internal readonly record struct WorkItem(WorkKind Kind, ObjectKey Key)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Key}";
}

/// <summary>The kinds of work.</summary>
internal enum WorkKind
{
    /// <summary>A Rollout to reconcile.</summary>
    Rollout,

    /// <summary>A Deployment to give back.</summary>
    Deployment,
}
