using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Reading;

/// <summary>Reads Rollouts and what belongs to them.</summary>
/// <param name="client">Asks the cluster.</param>
internal sealed class RolloutReader(IKubernetesClient client)
{
    /// <summary>A Rollout as it is now.</summary>
    /// <exception cref="CommandException">There is none of that name, and the message lists those that there are; or the cluster does not serve them.</exception>
    public Task<RolloutObject> GetAsync(ObjectKey key, CancellationToken cancellationToken) => GetAsync(RolloutObject.Kind, key, cancellationToken);

    /// <summary>A Rollout as it is now, read in whatever way is asked for.</summary>
    /// <exception cref="CommandException">There is none of that name, and the message lists those that there are; or the cluster does not serve them.</exception>
    public async Task<T> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        if (await ServedAsync(kind, client.GetAsync(kind, key, cancellationToken)) is { } found)
            return found;
        var others = await ListAsync(kind, key.Namespace, new ListOptions(), cancellationToken);
        throw new CommandException(others.Items.Count == 0
            ? $"There is no Rollout in namespace {key.Namespace}: name another with -n, or look at all with get --all-namespaces"
            : $"There is no Rollout {key.Name} in namespace {key.Namespace}; there are: {string.Join(", ", others.Items.Select(rollout => rollout.Metadata.Name))}");
    }

    /// <summary>A Rollout with its ReplicaSets and their pods.</summary>
    /// <exception cref="CommandException">There is none of that name.</exception>
    public async Task<RolloutSnapshot> SnapshotAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await SnapshotAsync(await GetAsync(key, cancellationToken), cancellationToken);

    /// <summary>A Rollout with its ReplicaSets and their pods, as far as they may be read: those who may steer Rollouts and see nothing else can.</summary>
    public async Task<RolloutSnapshot> SnapshotAsync(RolloutObject rollout, CancellationToken cancellationToken)
    {
        if (rollout.Status.Selector.Length == 0)
            return new RolloutSnapshot(rollout, []);
        try
        {
            return new RolloutSnapshot(rollout, await SetsAsync(rollout, new ListOptions(rollout.Status.Selector), cancellationToken));
        }
        catch (KubernetesApiException refused) when (refused.IsForbidden)
        {
            return new RolloutSnapshot(rollout, []) { IsPartial = true };
        }
    }

    private async Task<IReadOnlyList<(ReplicaSet Set, IReadOnlyList<Pod> Pods)>> SetsAsync(RolloutObject rollout, ListOptions selected, CancellationToken cancellationToken)
    {
        var sets = await client.ListAsync(KubernetesKinds.ReplicaSet, rollout.Metadata.Namespace, selected, cancellationToken);
        var pods = await client.ListAsync(KubernetesKinds.Pod, rollout.Metadata.Namespace, selected, cancellationToken);
        var ofSet = pods.Items.ToLookup(pod => pod.Metadata.Controller?.Uid ?? "");
        return [.. sets.Items
            .Where(set => set.Metadata.Controller?.Uid == rollout.Metadata.Uid)
            .Select(set => (set, (IReadOnlyList<Pod>)[.. ofSet[set.Metadata.Uid]]))];
    }

    /// <summary>Rollouts, read in whatever way is asked for.</summary>
    /// <exception cref="CommandException">The cluster does not serve them.</exception>
    public Task<ResourceList<T>> ListAsync<T>(ResourceKind<T> kind, string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => ServedAsync(kind, client.ListAsync(kind, @namespace, options, cancellationToken));

    private static async Task<TAnswer> ServedAsync<T, TAnswer>(ResourceKind<T> kind, Task<TAnswer> asked)
        where T : class, IKubernetesObject
    {
        try
        {
            return await asked;
        }
        catch (KubernetesApiException refused) when (refused.IsNotFound)
        {
            throw new CommandException($"The cluster does not serve {kind.ApiVersion}: install it with kubectl apply -f crds/rollouts.yaml, or choose another --context");
        }
    }
}

/// <summary>A Rollout with what belongs to it.</summary>
/// <param name="Rollout">The Rollout.</param>
/// <param name="Sets">Its ReplicaSets, with their pods.</param>
internal sealed record RolloutSnapshot(RolloutObject Rollout, IReadOnlyList<(ReplicaSet Set, IReadOnlyList<Pod> Pods)> Sets)
{
    /// <summary>Whether the ReplicaSets and pods may not be read.</summary>
    public bool IsPartial { get; init; }

    /// <summary>The place of a ReplicaSet in the history, as people may name it; 0 where it has none.</summary>
    public static long NumberOf(ReplicaSet set) => long.TryParse(set.Metadata.Annotations.GetValueOrDefault(Control.Names.RevisionNumber), out var number) ? number : 0;

    /// <summary>The ReplicaSet of a revision; null where it is not kept.</summary>
    public ReplicaSet? Find(string revision) => Sets.Select(each => each.Set).FirstOrDefault(set => ReplicaSets.Revision(set) == revision);
}
