using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Docs;

/// <summary>The YAML of a page as manifests that can be linted. What a page leaves out is taken from a shop with everything that a Rollout may name.</summary>
internal static class DocsManifest
{
    private static readonly string[] Foreign = ["argoproj.io", "flagger.app"];

    /// <summary>The objects of a block with whole manifests.</summary>
    public static IReadOnlyList<Manifest> Read(FencedBlock block) =>
    [
        .. YamlReader.Read(block.Text).Select(document => document as JsonObject ?? throw new FormatException($"{block}: a manifest is an object."))
            .Select(item => new Manifest($"{block}", item))
            .Select(manifest => manifest is { ApiVersion.Length: > 0, Kind.Length: > 0, Name.Length: > 0 } ? manifest
                : throw new FormatException($"{block}: write apiVersion, kind and metadata.name, or mark the block as ```yaml fragment.")),
    ];

    /// <summary>Whether it is of another controller, and here to be converted.</summary>
    public static bool IsForeign(Manifest manifest) => Foreign.Contains(manifest.ApiVersion.Split('/')[0]);

    /// <summary>A part of a Rollout, within a whole one: its <c>spec</c>, fields of that, fields of a check, or a list of checks.</summary>
    public static Manifest Complete(FencedBlock block)
    {
        var fragment = YamlReader.Read(block.Text) switch
        {
            [JsonObject only] => only,
            [JsonArray checks] => Checks(checks.DeepClone().AsArray()),
            _ => throw new FormatException($"{block}: a fragment is one object, or a list of checks."),
        };
        var rollout = Shop().Single(manifest => manifest.IsRollout);
        Merge(rollout.Json["spec"]!.AsObject(), Spec(fragment));
        return rollout with { Where = $"{block}" };
    }

    /// <summary>Manifests with those of the shop that they leave out.</summary>
    public static IReadOnlyList<Manifest> WithShop(IReadOnlyList<Manifest> manifests) =>
        [.. manifests, .. Shop().Where(manifest => !manifest.IsRollout && manifests.All(own => (own.Kind, own.Name) != (manifest.Kind, manifest.Name)))];

    private static JsonObject Spec(JsonObject fragment)
    {
        var fields = CrdSchema.Fields.Select(field => field.Path).ToHashSet();
        if (fragment["spec"] is JsonObject whole)
            return whole.DeepClone().AsObject();
        if (fragment.All(entry => fields.Contains($"spec.{entry.Key}")))
            return fragment.DeepClone().AsObject();
        var check = fragment.DeepClone().AsObject();
        check["name"] ??= "it";
        return Checks([check]);
    }

    private static JsonObject Checks(JsonArray checks) => new() { ["analysis"] = new JsonObject { ["checks"] = checks } };

    /// <summary>The fields of a fragment win; what they cannot stand beside goes.</summary>
    private static void Merge(JsonObject into, JsonObject fragment)
    {
        foreach (var name in fragment.ContainsKey("workloadRef") ? ["template", "selector", "replicas"] : fragment.ContainsKey("maxSurge") ? new[] { "traffic" } : [])
            into.Remove(name);
        foreach (var (name, value) in fragment)
        {
            if (into[name] is JsonObject inner && value is JsonObject fields)
                Merge(inner, fields);
            else
                into[name] = value?.DeepClone();
        }
    }

    private static IReadOnlyList<Manifest> Shop() =>
    [
        .. YamlReader.Read("""
            apiVersion: rollouts.dev/v1alpha1
            kind: Rollout
            metadata: {name: shop}
            spec:
              replicas: 10
              selector: {matchLabels: {app: shop}}
              template:
                metadata: {labels: {app: shop}}
                spec: {containers: [{name: shop, image: "shop:1.0.0", ports: [{name: http, containerPort: 8080}]}]}
              traffic:
                service: shop
                routes: [{kind: HTTPRoute, name: shop}]
              analysis:
                errorRate: {max: 0.5%}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: shop}
            spec:
              replicas: 10
              selector: {matchLabels: {app: shop}}
              template:
                metadata: {labels: {app: shop}}
                spec: {containers: [{name: shop, image: "shop:1.0.0", ports: [{name: http, containerPort: 8080}]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: shop}
            spec:
              selector: {app: shop}
              ports: [{name: http, port: 80, targetPort: 8080}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: shop}
            spec:
              parentRefs: [{name: gateway}]
              rules: [{backendRefs: [{name: shop, port: 80}]}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: GRPCRoute
            metadata: {name: shop-grpc}
            spec:
              parentRefs: [{name: gateway}]
              rules: [{backendRefs: [{name: shop, port: 80}]}]
            """).Select(document => new Manifest("the shop of the documentation", document!.AsObject())),
    ];
}
