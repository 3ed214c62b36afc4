using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Manifests;

/// <summary>One Rollout of a user, and what belongs to it.</summary>
/// <param name="Where">Where the Rollout is written.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Spec">What it asks for.</param>
/// <param name="Service">The Service that requests are sent to; empty where there is none.</param>
/// <param name="Objects">Everything to apply, in order.</param>
/// <param name="Notes">What was left out, and why.</param>
internal sealed record RehearsalInput(string Where, string Namespace, string Name, RolloutSpec Spec, string Service, IReadOnlyList<Manifest> Objects, IReadOnlyList<string> Notes)
{
    private const string DefaultNamespace = "default";

    private static readonly Lazy<ResourceTable> Kinds = new(Served);

    // What others rest on comes first.
    private static readonly string[] Order = ["Namespace", "ServiceAccount", "ConfigMap", "Secret", "Service", "Deployment", "HTTPRoute", "GRPCRoute", "Rollout"];

    /// <summary>Finds the Rollouts among manifests, each with the objects of its namespace.</summary>
    /// <param name="manifests">The manifests.</param>
    /// <param name="replicas">Pods in place of those that are asked for; null leaves them.</param>
    /// <exception cref="ManifestException">There is none, or one cannot be read.</exception>
    public static IReadOnlyList<RehearsalInput> Find(IReadOnlyList<Manifest> manifests, int? replicas) =>
        [.. Rollouts(manifests).Select(rollout => Of(rollout, manifests, replicas))];

    /// <summary>The Rollouts among manifests.</summary>
    /// <exception cref="ManifestException">There is none.</exception>
    public static IReadOnlyList<Manifest> Rollouts(IReadOnlyList<Manifest> manifests) => manifests.Where(manifest => manifest.IsRollout).ToList() is { Count: > 0 } rollouts
        ? rollouts
        : throw new ManifestException(string.Join(", ", manifests.Select(manifest => manifest.Where).Distinct().DefaultIfEmpty("the input")), "", "there is no Rollout in it; write one, with the Services and routes that it names");

    /// <summary>One of them, with the objects of its namespace.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="manifests">All manifests.</param>
    /// <param name="replicas">Pods in place of those that are asked for; null leaves them.</param>
    /// <exception cref="ManifestException">It cannot be read.</exception>
    public static RehearsalInput Of(Manifest rollout, IReadOnlyList<Manifest> manifests, int? replicas = null) => Of(rollout, manifests, Kinds.Value, replicas);

    /// <summary>Manifests as kubectl would apply them beside a namespace: those that name none are in it.</summary>
    public static IReadOnlyList<Manifest> In(string @namespace, IReadOnlyList<Manifest> manifests) => [.. manifests.Select(manifest =>
    {
        if (manifest.Namespace.Length > 0 || Kinds.Value.OfKind(manifest.ApiVersion, manifest.Kind) is { Namespaced: false })
            return manifest;
        var item = manifest.Json.DeepClone().AsObject();
        item["metadata"]!["namespace"] = @namespace;
        return manifest with { Json = item };
    })];

    private static ResourceTable Served()
    {
        var kinds = new ResourceTable();
        foreach (var definition in Definitions.All())
            CustomKinds.Serve(definition, kinds);
        return kinds;
    }

    private static RehearsalInput Of(Manifest rollout, IReadOnlyList<Manifest> manifests, ResourceTable resources, int? replicas)
    {
        if (resources.OfKind(rollout.ApiVersion, rollout.Kind) is null)
            throw new ManifestException(rollout.Where, "apiVersion", $"there is no Rollout of {rollout.ApiVersion}; write {RolloutObject.Kind.ApiVersion}");
        var @namespace = rollout.Namespace.Length > 0 ? rollout.Namespace : DefaultNamespace;
        var here = manifests.Where(manifest => !manifest.IsRollout || ReferenceEquals(manifest, rollout)).ToList();
        var known = here.Where(manifest => resources.OfKind(manifest.ApiVersion, manifest.Kind) is not null).ToList();
        var left = here.Except(known).Select(manifest => $"{manifest} ({manifest.Where}) is left out: a rehearsal has no {manifest.ApiVersion} {manifest.Kind}").Distinct();
        var objects = known.Select(manifest => Prepared(manifest, resources, replicas)).OrderBy(manifest => OrderOf(manifest.Kind)).ToList();
        var spaces = objects.Select(manifest => manifest.Namespace).Append(@namespace).Where(name => name.Length > 0 && name != DefaultNamespace && name != "kube-system").Distinct()
            .Where(name => !objects.Exists(manifest => manifest.Kind == "Namespace" && manifest.Name == name))
            .Select(name => new Manifest("the namespace of an object", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } }));
        var prepared = objects.Single(manifest => manifest.IsRollout);
        var spec = Read(prepared, resources);
        var windows = rollout.Json["spec"]?["windows"] is null ? [] : new[] { "spec.windows is set aside: the new version sets out at once" };
        var service = RequestedService.Of(prepared, spec, objects);
        return new RehearsalInput(
            rollout.Where, @namespace, rollout.Name, spec, service.Name, [.. spaces, .. service.Made, .. objects.Where(manifest => !IsBuiltInNamespace(manifest))], [.. left, .. windows, .. service.Notes]);
    }

    private static bool IsBuiltInNamespace(Manifest manifest) => manifest.Kind == "Namespace" && manifest.Name is DefaultNamespace or "kube-system";

    private static int OrderOf(string kind) => Array.IndexOf(Order, kind) is var place and >= 0 ? place : Order.Length;

    /// <summary>A copy as a user would apply it: in a namespace, without what only the API writes.</summary>
    private static Manifest Prepared(Manifest manifest, ResourceTable resources, int? replicas)
    {
        var item = manifest.Json.DeepClone().AsObject();
        var metadata = item["metadata"]!.AsObject();
        foreach (var name in (string[])["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "ownerReferences", "finalizers", "deletionTimestamp", "selfLink"])
            metadata.Remove(name);
        item.Remove("status");
        if (resources.OfKind(manifest.ApiVersion, manifest.Kind)!.Namespaced)
            metadata["namespace"] = manifest.Namespace.Length > 0 ? manifest.Namespace : DefaultNamespace;
        if (replicas is { } count && manifest.Kind is "Rollout" or "Deployment" && item["spec"] is JsonObject spec)
            spec["replicas"] = count;
        if (manifest.IsRollout)
            (item["spec"] as JsonObject)?.Remove("windows");
        return manifest with { Json = StoredObject.Reread(item) };
    }

    /// <summary>What a Rollout asks for, its defaults included.</summary>
    private static RolloutSpec Read(Manifest rollout, ResourceTable resources)
    {
        var rules = resources.OfKind(rollout.ApiVersion, rollout.Kind)!.Rules;
        var item = rollout.Json.DeepClone().AsObject();
        // Fields that nobody knows are for the API to refuse, with all that it has to say about them.
        rules.Prune(item);
        rules.Default(item);
        if (rules.Validate(item, null) is [_, ..] problems)
            throw new ManifestException(rollout.Where, [.. problems.Select(problem => $"{problem.Field}: {problem.Message}")]);
        return JsonSerializer.Deserialize(StoredObject.Write(item), RolloutObject.Kind.TypeInfo)!.Spec;
    }
}
