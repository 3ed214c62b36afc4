using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>Where the API serves the kinds that the tests touch. A null name gives the collection.</summary>
internal static class ClusterPath
{
    /// <summary>The API server is Kubernetes 1.20, so a few groups are older than in a cluster of today.</summary>
    private static readonly Dictionary<string, (string Plural, bool Namespaced)> Kinds = new()
    {
        ["v1/Namespace"] = ("namespaces", false),
        ["v1/Pod"] = ("pods", true),
        ["v1/Service"] = ("services", true),
        ["v1/Endpoints"] = ("endpoints", true),
        ["v1/Event"] = ("events", true),
        ["v1/ConfigMap"] = ("configmaps", true),
        ["v1/Secret"] = ("secrets", true),
        ["v1/ServiceAccount"] = ("serviceaccounts", true),
        ["apps/v1/Deployment"] = ("deployments", true),
        ["apps/v1/ReplicaSet"] = ("replicasets", true),
        ["batch/v1/Job"] = ("jobs", true),
        ["autoscaling/v1/HorizontalPodAutoscaler"] = ("horizontalpodautoscalers", true),
        ["policy/v1beta1/PodDisruptionBudget"] = ("poddisruptionbudgets", true),
        ["coordination.k8s.io/v1/Lease"] = ("leases", true),
        ["rbac.authorization.k8s.io/v1/Role"] = ("roles", true),
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = ("rolebindings", true),
        ["rbac.authorization.k8s.io/v1/ClusterRole"] = ("clusterroles", false),
        ["rbac.authorization.k8s.io/v1/ClusterRoleBinding"] = ("clusterrolebindings", false),
        ["discovery.k8s.io/v1beta1/EndpointSlice"] = ("endpointslices", true),
        ["gateway.networking.k8s.io/v1/Gateway"] = ("gateways", true),
        ["gateway.networking.k8s.io/v1/HTTPRoute"] = ("httproutes", true),
        ["gateway.networking.k8s.io/v1/GRPCRoute"] = ("grpcroutes", true),
        ["rollouts.dev/v1alpha1/Rollout"] = ("rollouts", true),
    };

    public static string Namespace(string? name = null) => For("v1", "Namespace", null, name);

    public static string Pods(string @namespace, string? name = null) => For("v1", "Pod", @namespace, name);

    public static string Services(string @namespace, string? name = null) => For("v1", "Service", @namespace, name);

    public static string Endpoints(string @namespace, string? name = null) => For("v1", "Endpoints", @namespace, name);

    public static string EndpointSlices(string @namespace, string? name = null) => For("discovery.k8s.io/v1beta1", "EndpointSlice", @namespace, name);

    public static string Events(string @namespace, string? name = null) => For("v1", "Event", @namespace, name);

    public static string Deployments(string @namespace, string? name = null) => For("apps/v1", "Deployment", @namespace, name);

    public static string ReplicaSets(string @namespace, string? name = null) => For("apps/v1", "ReplicaSet", @namespace, name);

    public static string Jobs(string @namespace, string? name = null) => For("batch/v1", "Job", @namespace, name);

    public static string HttpRoutes(string @namespace, string? name = null) => For("gateway.networking.k8s.io/v1", "HTTPRoute", @namespace, name);

    public static string GrpcRoutes(string @namespace, string? name = null) => For("gateway.networking.k8s.io/v1", "GRPCRoute", @namespace, name);

    public static string Leases(string @namespace, string? name = null) => For("coordination.k8s.io/v1", "Lease", @namespace, name);

    public static string Rollouts(string @namespace, string? name = null) => For("rollouts.dev/v1alpha1", "Rollout", @namespace, name);

    /// <summary>The path of an object as it is written in a manifest.</summary>
    /// <param name="defaultNamespace">Where it goes when it is namespaced and names no namespace.</param>
    public static string Of(JsonNode manifest, string? defaultNamespace = null) => For(
        manifest.Text("apiVersion") ?? "",
        manifest.Text("kind") ?? "",
        manifest.Text("metadata.namespace") ?? defaultNamespace,
        manifest.Text("metadata.name") ?? throw new ArgumentException($"The manifest has no name: {manifest.ToJsonString()}"));

    private static string For(string apiVersion, string kind, string? @namespace, string? name)
    {
        if (!Kinds.TryGetValue($"{apiVersion}/{kind}", out var served))
            throw new ArgumentException($"The test bed does not know {apiVersion} {kind}; add it to {nameof(ClusterPath)}.");
        var root = apiVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{apiVersion}" : $"/api/{apiVersion}";
        var scope = served.Namespaced ? $"/namespaces/{@namespace}" : "";
        return $"{root}{scope}/{served.Plural}{(name is null ? "" : $"/{name}")}";
    }
}
