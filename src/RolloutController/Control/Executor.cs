using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Control.Config;
using RolloutController.Kubernetes;
using RolloutController.Planning;
using RolloutController.Traffic;

namespace RolloutController.Control;

/// <summary>
/// Carries out the effects of a plan, in order; the first that fails ends the pass, and the next pass plans afresh from what is. Each
/// write holds only for the version of the object that was observed, and its result goes into the caches at once.
/// </summary>
internal sealed class Executor(CachedWrites writes, Caches caches, ConfigCopies copies)
{
    /// <summary>Carries out one effect.</summary>
    public Task ApplyAsync(Effect effect, Observed seen, CancellationToken cancellationToken) => effect switch
    {
        Effect.AddFinalizer => FinalizersAsync(seen, before => [.. before, RolloutObject.Finalizer], cancellationToken),
        Effect.RemoveFinalizer => FinalizersAsync(seen, before => [.. before.Where(name => name != RolloutObject.Finalizer)], cancellationToken),
        Effect.SetReplicas set => SetReplicasAsync(seen, set.Replicas, cancellationToken),
        Effect.CreateReplicaSet create => CreateAsync(seen, create, cancellationToken),
        Effect.RecordConfig record => RecordConfigAsync(seen, record.Name, cancellationToken),
        Effect.AdoptReplicaSet adopt => AdoptAsync(seen, adopt, cancellationToken),
        Effect.SetOwners set => SetOwnersAsync(seen, set.Name, cancellationToken),
        Effect.ScaleReplicaSet scale => ScaleAsync(seen, scale, cancellationToken),
        Effect.DeleteReplicaSet delete => DeleteAsync(seen, delete.Name, cancellationToken),
        Effect.PauseWorkload => PauseAsync(seen, cancellationToken),
        Effect.PinService pin => PinAsync(seen, version => ServicePin.Pin(version, pin.Revision), cancellationToken),
        Effect.UnpinService => PinAsync(seen, ServicePin.Unpin, cancellationToken),
        Effect.PointCanaryService point => PointAsync(seen, point.Revision, cancellationToken),
        Effect.DeleteCanaryService => DeleteCanaryServiceAsync(seen, cancellationToken),
        Effect.SetWeight set => RouteAsync(seen, (route, traffic, steps) => RouteWeights.Plan(route, traffic.Service, traffic.CanaryService, set.Weight, steps, traffic.Match), cancellationToken),
        Effect.SendMatched => RouteAsync(seen, (route, traffic, _) => RouteWeights.PlanMatched(route, traffic.Service, traffic.CanaryService, traffic.Match!), cancellationToken),
        _ => throw new InvalidOperationException($"there is no way to carry out {effect}"),
    };

    private async Task FinalizersAsync(Observed seen, Func<IReadOnlyList<string>, IReadOnlyList<string>> change, CancellationToken cancellationToken)
    {
        // The status was written in this pass, so the observed version is history; the caches have the one that the write returned.
        if (caches.Rollouts.Get(seen.Rollout.Key) is not { } rollout || rollout.Metadata.Uid != seen.Rollout.Metadata.Uid)
            return;
        var patch = Conditional(rollout.Metadata, metadata =>
            metadata["finalizers"] = new JsonArray([.. change(rollout.Metadata.Finalizers).Select(name => (JsonNode)name)]));
        await PatchRolloutAsync(rollout, patch, cancellationToken);
    }

    private Task SetReplicasAsync(Observed seen, int replicas, CancellationToken cancellationToken)
    {
        var rollout = caches.Rollouts.Get(seen.Rollout.Key) ?? seen.Rollout;
        if (rollout.Spec.Replicas is not null)
            return Task.CompletedTask;
        var patch = Conditional(rollout.Metadata);
        patch["spec"] = new JsonObject { ["replicas"] = replicas };
        return PatchRolloutAsync(rollout, patch, cancellationToken);
    }

    private Task PatchRolloutAsync(RolloutObject rollout, JsonObject patch, CancellationToken cancellationToken) =>
        writes.PatchAsync(RolloutObject.Kind, caches.Rollouts, rollout.Key, Patch.Merge(patch), cancellationToken);

    private async Task CreateAsync(Observed seen, Effect.CreateReplicaSet create, CancellationToken cancellationToken)
    {
        // A revision that was undone to is not what the template makes: under its name nothing else may be created.
        if (seen.Asked is not { } asked || seen.Observation.Template != new TemplateView.Accepted(create.Revision))
            throw new InvalidOperationException($"a ReplicaSet of {create.Revision} was planned, which is not what the template asks for");
        if (seen.Config.Problem is { } unknown)
            throw new EffectRefusedException(unknown.Reason, unknown.ToString());
        await ConfirmOwnerAsync(seen, cancellationToken);
        if (asked.Config is { Digests.Count: > 0 })
        {
            await copies.CreateAsync(seen, asked, create, cancellationToken);
            return;
        }

        var body = ReplicaSets.Body(seen.Rollout, asked, create.Revision, create.Replicas, create.Number, seen.Deployment);
        await writes.CreateAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, seen.Rollout.Metadata.Namespace, body, cancellationToken);
    }

    private Task RecordConfigAsync(Observed seen, string name, CancellationToken cancellationToken)
    {
        var set = ReplicaSet(seen, name);
        var annotations = new JsonObject { [Names.Config] = ConfigNotes.Write(seen.Observation.Config!) };
        return PatchReplicaSetAsync(set, Conditional(set.Metadata, metadata => metadata["annotations"] = annotations), cancellationToken);
    }

    private async Task AdoptAsync(Observed seen, Effect.AdoptReplicaSet adopt, CancellationToken cancellationToken)
    {
        await ConfirmOwnerAsync(seen, cancellationToken);
        var set = ReplicaSet(seen, adopt.Name);
        var patch = Conditional(set.Metadata, metadata =>
        {
            metadata["ownerReferences"] = ReplicaSets.Owners(seen.Rollout, seen.Deployment, set.Spec.Replicas);
            metadata["annotations"] = ReplicaSets.Annotations(adopt.Number, IsAsked(seen, set) ? seen.Asked!.Digest : null);
        });
        await PatchReplicaSetAsync(set, patch, cancellationToken);
    }

    /// <summary>
    /// Sees that the Rollout is still there. That its ReplicaSets were let go of may be seen before that it was deleted, and what is given to
    /// an owner that is gone is deleted by the garbage collector, with the pods that serve.
    /// kubernetes/pkg/controller/controller_ref_manager.go, RecheckDeletionTimestamp
    /// </summary>
    private async Task ConfirmOwnerAsync(Observed seen, CancellationToken cancellationToken)
    {
        await writes.LookAsync(RolloutObject.Kind, caches.Rollouts, seen.Rollout.Key, cancellationToken);
        var live = caches.Rollouts.Get(seen.Rollout.Key);
        if (live?.Metadata.Uid != seen.Rollout.Metadata.Uid || live.Metadata.DeletionTimestamp != seen.Rollout.Metadata.DeletionTimestamp)
            throw new ChangedMeanwhileException($"Rollout {seen.Rollout.Key} was deleted; it gets no ReplicaSet");
    }

    private Task ScaleAsync(Observed seen, Effect.ScaleReplicaSet scale, CancellationToken cancellationToken)
    {
        var set = ReplicaSet(seen, scale.Name);
        var patch = Conditional(set.Metadata, metadata =>
        {
            if (seen.Deployment is not null)
                metadata["ownerReferences"] = ReplicaSets.Owners(seen.Rollout, seen.Deployment, scale.Replicas);
        });
        // A version that comes back may have been made under another minReadySeconds.
        patch["spec"] = IsAsked(seen, set)
            ? new JsonObject { ["replicas"] = scale.Replicas, ["minReadySeconds"] = seen.Asked!.MinReadySeconds }
            : new JsonObject { ["replicas"] = scale.Replicas };
        return PatchReplicaSetAsync(set, patch, cancellationToken);
    }

    private Task SetOwnersAsync(Observed seen, string name, CancellationToken cancellationToken)
    {
        var set = ReplicaSet(seen, name);
        var owners = ReplicaSets.Owners(seen.Rollout, seen.Deployment, set.Spec.Replicas);
        return PatchReplicaSetAsync(set, Conditional(set.Metadata, metadata => metadata["ownerReferences"] = owners), cancellationToken);
    }

    private Task PatchReplicaSetAsync(ReplicaSet set, JsonObject patch, CancellationToken cancellationToken) =>
        writes.PatchAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, set.Metadata.Key, Patch.Merge(patch), cancellationToken);

    private Task DeleteAsync(Observed seen, string name, CancellationToken cancellationToken) =>
        writes.DeleteAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, ReplicaSet(seen, name), cancellationToken);

    private Task PauseAsync(Observed seen, CancellationToken cancellationToken)
    {
        var deployment = seen.Deployment!;
        var patch = Conditional(deployment.Metadata, metadata => metadata["annotations"] = new JsonObject { [Names.TakenOverBy] = seen.Rollout.Metadata.Name });
        patch["spec"] = new JsonObject { ["paused"] = true };
        return writes.PatchAsync(KubernetesKinds.Deployment, caches.Deployments, deployment.Metadata.Key, Patch.Merge(patch), cancellationToken);
    }

    private async Task PinAsync(Observed seen, Func<string, Patch> patch, CancellationToken cancellationToken)
    {
        if (caches.Services.Get(new ObjectKey(seen.Rollout.Metadata.Namespace, seen.Traffic!.Service)) is { } service)
            await writes.PatchAsync(KubernetesKinds.Service, caches.Services, service.Metadata.Key, patch(service.Metadata.ResourceVersion), cancellationToken);
    }

    private async Task PointAsync(Observed seen, string revision, CancellationToken cancellationToken)
    {
        var @namespace = seen.Rollout.Metadata.Namespace;
        var key = new ObjectKey(@namespace, seen.Traffic!.CanaryService);
        if (caches.Services.Get(key) is { } existing)
        {
            await writes.PatchAsync(KubernetesKinds.Service, caches.Services, key, ServicePin.Pin(existing.Metadata.ResourceVersion, revision), cancellationToken);
            return;
        }

        var service = caches.Services.Get(new ObjectKey(@namespace, seen.Traffic.Service))
            ?? throw new InvalidOperationException($"Service {seen.Traffic.Service} is gone");
        var body = CanaryService.For(@namespace, key.Name, service.Spec.Selector, service.Spec.Ports, revision, ReplicaSets.Owner(seen.Rollout));
        await writes.CreateAsync(KubernetesKinds.Service, caches.Services, @namespace, body, cancellationToken);
    }

    private Task DeleteCanaryServiceAsync(Observed seen, CancellationToken cancellationToken) =>
        caches.Services.Get(new ObjectKey(seen.Rollout.Metadata.Namespace, seen.Traffic!.CanaryService)) is { } service
        && IsOurs(service, seen.Rollout)
            ? writes.DeleteAsync(KubernetesKinds.Service, caches.Services, service, cancellationToken)
            : Task.CompletedTask;

    /// <summary>A deletion with <c>--cascade=orphan</c> takes the owner off the Service before the rollout is taken back.</summary>
    private static bool IsOurs(Service service, RolloutObject rollout) => service.Metadata.Controller is { } owner
        ? owner.Uid == rollout.Metadata.Uid
        : rollout.Metadata.DeletionTimestamp is not null && CanaryService.IsLabelled(service.Metadata.Labels);

    private async Task RouteAsync(Observed seen, Func<GatewayRoute, TrafficSpec, IReadOnlyList<int>, RoutePlan> plan, CancellationToken cancellationToken)
    {
        var traffic = seen.Traffic!;
        foreach (var reference in traffic.Routes)
        {
            var routes = caches.Routes(reference.Kind);
            if (routes.Get(new ObjectKey(seen.Rollout.Metadata.Namespace, reference.Name)) is not { } route)
                continue;
            var steps = seen.Rollout.Spec.Steps.Select(step => step.Weight).ToList();
            switch (plan(route, traffic, steps))
            {
                case RoutePlan.Change change:
                    await writes.PatchAsync(GatewayRoutes.Of(reference.Kind), routes, route.Metadata.Key, change.Patch, cancellationToken);
                    break;
                case RoutePlan.Impossible impossible:
                    throw new EffectRefusedException(EventReason.RouteCannotBeWeighted, impossible.Message);
            }
        }
    }

    private ReplicaSet ReplicaSet(Observed seen, string name) =>
        caches.ReplicaSets.Get(new ObjectKey(seen.Rollout.Metadata.Namespace, name))
        ?? throw new InvalidOperationException($"ReplicaSet {name} is gone");

    private static bool IsAsked(Observed seen, ReplicaSet set) =>
        seen.Observation.Template is TemplateView.Accepted asked && asked.Revision == ReplicaSets.Revision(set);

    private static JsonObject Conditional(ObjectMeta observed, Action<JsonObject>? fill = null)
    {
        var metadata = new JsonObject { ["uid"] = observed.Uid, ["resourceVersion"] = observed.ResourceVersion };
        fill?.Invoke(metadata);
        return new JsonObject { ["metadata"] = metadata };
    }
}

/// <summary>An effect cannot be carried out as the world is; the message tells a person what to change.</summary>
/// <param name="reason">A word for programs.</param>
/// <param name="message">What is wrong and what to write instead.</param>
internal sealed class EffectRefusedException(EventReason reason, string message) : Exception(message)
{
    /// <summary>A word for programs.</summary>
    public EventReason Reason { get; } = reason;
}
