namespace RolloutController.Kubernetes;

/// <summary>The kinds of Kubernetes itself that are read here.</summary>
public static class KubernetesKinds
{
    /// <summary><c>apps/v1</c> ReplicaSet.</summary>
    public static ResourceKind<ReplicaSet> ReplicaSet { get; } =
        new("apps", "v1", "ReplicaSet", "replicasets", KubernetesJsonContext.Default.ReplicaSet);

    /// <summary><c>apps/v1</c> Deployment.</summary>
    public static ResourceKind<Deployment> Deployment { get; } =
        new("apps", "v1", "Deployment", "deployments", KubernetesJsonContext.Default.Deployment);

    /// <summary><c>v1</c> Pod.</summary>
    public static ResourceKind<Pod> Pod { get; } =
        new("", "v1", "Pod", "pods", KubernetesJsonContext.Default.Pod);

    /// <summary><c>batch/v1</c> Job.</summary>
    public static ResourceKind<Job> Job { get; } =
        new("batch", "v1", "Job", "jobs", KubernetesJsonContext.Default.Job);

    /// <summary><c>v1</c> Service.</summary>
    public static ResourceKind<Service> Service { get; } =
        new("", "v1", "Service", "services", KubernetesJsonContext.Default.Service);

    /// <summary><c>v1</c> Secret.</summary>
    public static ResourceKind<Secret> Secret { get; } =
        new("", "v1", "Secret", "secrets", KubernetesJsonContext.Default.Secret);

    /// <summary><c>v1</c> ConfigMap or Secret, of which a digest is read.</summary>
    public static ResourceKind<ConfigDigest> Digest(string kind) => kind == Secret.Kind
        ? new("", "v1", "Secret", "secrets", KubernetesJsonContext.Default.ConfigDigest)
        : new("", "v1", "ConfigMap", "configmaps", KubernetesJsonContext.Default.ConfigDigest);

    /// <summary><c>v1</c> ConfigMap or Secret with its content.</summary>
    public static ResourceKind<ConfigContent> Content(string kind) => kind == Secret.Kind
        ? new("", "v1", "Secret", "secrets", KubernetesJsonContext.Default.ConfigContent)
        : new("", "v1", "ConfigMap", "configmaps", KubernetesJsonContext.Default.ConfigContent);

    /// <summary><c>discovery.k8s.io/v1</c> EndpointSlice, served since Kubernetes 1.21.</summary>
    public static ResourceKind<EndpointSlice> EndpointSlice { get; } =
        new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", KubernetesJsonContext.Default.EndpointSlice);

    /// <summary><c>discovery.k8s.io/v1beta1</c> EndpointSlice, served from Kubernetes 1.17 to 1.24.</summary>
    public static ResourceKind<EndpointSlice> EndpointSliceV1Beta1 { get; } = EndpointSlice with { Version = "v1beta1" };

    /// <summary><c>coordination.k8s.io/v1</c> Lease.</summary>
    public static ResourceKind<Lease> Lease { get; } =
        new("coordination.k8s.io", "v1", "Lease", "leases", KubernetesJsonContext.Default.Lease);

    /// <summary><c>authentication.k8s.io/v1</c> TokenReview, which is only asked and in no namespace.</summary>
    public static ResourceKind<TokenReview> TokenReview { get; } =
        new("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", KubernetesJsonContext.Default.TokenReview);

    /// <summary><c>authorization.k8s.io/v1</c> SubjectAccessReview, which is only asked and in no namespace.</summary>
    public static ResourceKind<SubjectAccessReview> SubjectAccessReview { get; } =
        new("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", KubernetesJsonContext.Default.SubjectAccessReview);

    /// <summary><c>events.k8s.io/v1</c> Event.</summary>
    public static ResourceKind<EventRecord> Event { get; } =
        new("events.k8s.io", "v1", "Event", "events", KubernetesJsonContext.Default.EventRecord);
}
