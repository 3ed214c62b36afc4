using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control.Config;

/// <summary>
/// Makes the ReplicaSet of a revision that has copies of ConfigMaps and Secrets of its own. First the ReplicaSet, without pods and marked as
/// unfinished, then the copies, which it owns, then the pods: so no copy is ever without an owner that the garbage collector knows. Wherever
/// this is cut off, the ReplicaSet is made anew with copies of other names, and the garbage collector takes the first ones.
/// </summary>
internal sealed class ConfigCopies(IKubernetesClient client, CachedWrites writes, Caches caches, Random random)
{
    /// <summary>Makes it.</summary>
    /// <exception cref="ConfigChangedException">What is to be copied is not what was observed any more.</exception>
    public async Task CreateAsync(Observed seen, AskedTemplate asked, Effect.CreateReplicaSet create, CancellationToken cancellationToken)
    {
        var @namespace = seen.Rollout.Metadata.Namespace;
        await RemoveUnfinishedAsync(seen.Rollout, create.Revision, cancellationToken);
        var contents = await ReadAsync(@namespace, asked, cancellationToken);

        var nonce = TemplateConfig.NewNonce(random);
        var body = ReplicaSets.Body(seen.Rollout, asked, create.Revision, replicas: 0, create.Number, seen.Deployment);
        body["metadata"]!["annotations"]![Names.ConfigUnfinished] = "true";
        TemplateConfig.Rename(
            body["spec"]!["template"]!.AsObject(),
            key => contents.ContainsKey(key) ? TemplateConfig.CopyName(key.Name, create.Revision, nonce) : null);
        var set = await client.CreateAsync(KubernetesKinds.ReplicaSet, @namespace, body, cancellationToken);
        foreach (var (key, content) in contents)
            await CopyAsync(set, key, content, TemplateConfig.CopyName(key.Name, create.Revision, nonce), cancellationToken);
        await FinishAsync(seen, set, create.Replicas, cancellationToken);
    }

    /// <summary>
    /// Gives it its pods. The ReplicaSet controller reports on a new one at once, which gives it another version while the copies are made: where
    /// nothing else has changed, it is finished as it is by then. To make it anew each time would be a race that can be lost for ever.
    /// </summary>
    private async Task FinishAsync(Observed seen, ReplicaSet set, int replicas, CancellationToken cancellationToken)
    {
        try
        {
            await writes.PatchAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, set.Metadata.Key, Finished(seen, set, replicas), cancellationToken);
        }
        catch (KubernetesApiException refused) when (refused.IsConflict && caches.ReplicaSets.Get(set.Metadata.Key) is { } reported && IsOnlyReportedOn(set, reported))
        {
            await writes.PatchAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, set.Metadata.Key, Finished(seen, reported, replicas), cancellationToken);
        }
    }

    /// <summary>Whether what was asked for is the same, and no other process has taken the rollout over.</summary>
    private static bool IsOnlyReportedOn(ReplicaSet made, ReplicaSet now) =>
        now.Metadata.Uid == made.Metadata.Uid && now.Metadata.Generation == made.Metadata.Generation && now.Metadata.DeletionTimestamp is null
        && now.Metadata.ResourceVersion != made.Metadata.ResourceVersion && !now.Metadata.Annotations.ContainsKey(Names.Term);

    private async Task RemoveUnfinishedAsync(RolloutObject rollout, string revision, CancellationToken cancellationToken)
    {
        if (caches.ReplicaSets.Get(new ObjectKey(rollout.Metadata.Namespace, ReplicaSets.NameOf(rollout, revision))) is { } left
            && left.Metadata.Controller?.Uid == rollout.Metadata.Uid && ConfigNotes.IsUnfinished(left))
            await writes.DeleteAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, left, cancellationToken);
    }

    private async Task<Dictionary<ConfigKey, ConfigContent>> ReadAsync(string @namespace, AskedTemplate asked, CancellationToken cancellationToken)
    {
        var contents = new Dictionary<ConfigKey, ConfigContent>();
        foreach (var key in TemplateConfig.Find(asked.Template).Select(reference => reference.Key).Distinct())
        {
            if (!asked.Config!.Digests.TryGetValue(key.ToString(), out var digest))
                continue;
            var content = await client.GetAsync(KubernetesKinds.Content(key.Kind), new ObjectKey(@namespace, key.Name), cancellationToken);
            // The revision is named by what was observed; what changed since then is another revision.
            if (content?.Digest.Keyed(key.Kind) != digest)
                throw new ConfigChangedException(key);
            contents[key] = content;
        }

        return contents;
    }

    private async Task CopyAsync(ReplicaSet owner, ConfigKey key, ConfigContent content, string name, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = key.Kind,
            // Labels and annotations of the original stay with it: those of GitOps would have the copy pruned.
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "rollout-controller" },
                ["annotations"] = new JsonObject { [Names.CopyOf] = key.Name },
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = KubernetesKinds.ReplicaSet.ApiVersion,
                    ["kind"] = KubernetesKinds.ReplicaSet.Kind,
                    ["name"] = owner.Metadata.Name,
                    ["uid"] = owner.Metadata.Uid,
                }),
            },
            ["immutable"] = true,
        };
        if (content.Type.Length > 0)
            body["type"] = content.Type;
        foreach (var (field, entries) in new[] { ("data", content.Data), ("binaryData", content.BinaryData) })
        {
            if (entries is { ValueKind: System.Text.Json.JsonValueKind.Object } map)
                body[field] = JsonObject.Create(map);
        }

        try
        {
            await client.CreateAsync(KubernetesKinds.Digest(key.Kind), owner.Metadata.Namespace, body, cancellationToken);
        }
        catch (KubernetesApiException refused) when (refused.IsForbidden)
        {
            var problem = ConfigRights.Copying(owner.Metadata.Namespace, key.Kind, refused);
            throw new EffectRefusedException(problem.Reason, problem.ToString());
        }
    }

    private static Patch Finished(Observed seen, ReplicaSet set, int replicas)
    {
        var metadata = new JsonObject
        {
            ["uid"] = set.Metadata.Uid,
            ["resourceVersion"] = set.Metadata.ResourceVersion,
            ["annotations"] = new JsonObject { [Names.ConfigUnfinished] = null },
        };
        // Whether it goes back to a Deployment depends on whether it has pods.
        if (seen.Deployment is not null)
            metadata["ownerReferences"] = ReplicaSets.Owners(seen.Rollout, seen.Deployment, replicas);
        return Patch.Merge(new JsonObject { ["metadata"] = metadata, ["spec"] = new JsonObject { ["replicas"] = replicas } });
    }
}

/// <summary>An object changed between being observed and being copied; its watch tells of it, and the next pass plans afresh.</summary>
internal sealed class ConfigChangedException(ConfigKey key) : ChangedMeanwhileException($"{key} changed meanwhile; looking again");
