namespace RolloutController.Rehearsal.Cluster;

/// <summary>The kinds that are served: those of Kubernetes itself, and one for each CustomResourceDefinition.</summary>
internal sealed class ResourceTable
{
    private static readonly ScalePaths Workload = new("spec.replicas", "status.replicas", "spec.selector");

    private readonly List<Resource> _all = [.. BuiltIn()];

    /// <summary>All kinds in all versions.</summary>
    public IReadOnlyList<Resource> All => _all;

    /// <summary>A kind by its place in paths; null when it is not served.</summary>
    public Resource? Find(string group, string version, string plural) =>
        _all.Find(resource => resource.Plural == plural && resource.Version == version && resource.Group == group);

    /// <summary>A kind by how objects name it; null when it is not served.</summary>
    public Resource? OfKind(string apiVersion, string kind) => _all.Find(resource => resource.Kind == kind && resource.ApiVersion == apiVersion);

    /// <summary>A kind by its plural alone, in the version that is stored.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Resource Stored(string plural) =>
        _all.Find(resource => resource.Plural == plural) ?? throw new ArgumentException($"The cluster serves no kind {plural}.", nameof(plural));

    /// <summary>Serves a kind, or serves it as it is defined now.</summary>
    public void Serve(Resource resource)
    {
        Withdraw(resource.Group, resource.Plural, resource.Version);
        _all.Add(resource);
    }

    /// <summary>Serves a kind no more.</summary>
    public void Withdraw(string group, string plural, string? version = null) =>
        _all.RemoveAll(resource => resource.Group == group && resource.Plural == plural && (version is null || resource.Version == version));

    /// <summary>Gives the kinds of Kubernetes itself their rules.</summary>
    public void Judge(Func<Resource, IResourceRules> rules)
    {
        for (var i = 0; i < _all.Count; i++)
            _all[i] = _all[i] with { Rules = rules(_all[i]) };
    }

    // Of several versions the one that is stored comes first.
    private static IEnumerable<Resource> BuiltIn() =>
    [
        new("", "v1", "Namespace", "namespaces", false)
        {
            ShortNames = ["ns"], HasStatus = true, SelectableFields = ["status.phase"], Columns = [new("Status", "string", "status.phase")],
        },
        new("", "v1", "Node", "nodes", false) { ShortNames = ["no"], HasStatus = true, SelectableFields = ["spec.unschedulable"] },
        new("", "v1", "Pod", "pods", true)
        {
            ShortNames = ["po"], Categories = ["all"], HasStatus = true,
            SelectableFields = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP", "status.nominatedNodeName"],
            Columns = [new("Status", "string", "status.phase"), new("IP", "string", "status.podIP"), new("Node", "string", "spec.nodeName", 1)],
        },
        new("", "v1", "Service", "services", true)
        {
            ShortNames = ["svc"], Categories = ["all"], HasStatus = true, SelectableFields = ["spec.clusterIP", "spec.type"],
            Columns = [new("Type", "string", "spec.type"), new("Cluster-IP", "string", "spec.clusterIP")],
        },
        new("", "v1", "Endpoints", "endpoints", true) { ShortNames = ["ep"] },
        new("", "v1", "ConfigMap", "configmaps", true) { ShortNames = ["cm"] },
        new("", "v1", "Secret", "secrets", true) { SelectableFields = ["type"] },
        new("", "v1", "ServiceAccount", "serviceaccounts", true) { ShortNames = ["sa"] },
        new("", "v1", "Event", "events", true)
        {
            ShortNames = ["ev"], StorageKey = "events", SelectableFields = EventVersions.SelectableFields,
            Columns = [new("Type", "string", "type"), new("Reason", "string", "reason"), new("Message", "string", "message")],
        },
        new("events.k8s.io", "v1", "Event", "events", true)
        {
            StorageKey = "events", SelectableFields = EventVersions.SelectableFields, ToStored = EventVersions.ToCore, FromStored = EventVersions.FromCore,
        },
        new("apps", "v1", "ReplicaSet", "replicasets", true)
        {
            ShortNames = ["rs"], Categories = ["all"], HasStatus = true, HasGeneration = true, Scale = Workload, SelectableFields = ["status.replicas"],
            Columns = [new("Desired", "integer", "spec.replicas"), new("Current", "integer", "status.replicas"), new("Ready", "integer", "status.readyReplicas")],
        },
        new("apps", "v1", "Deployment", "deployments", true)
        {
            ShortNames = ["deploy"], Categories = ["all"], HasStatus = true, HasGeneration = true, Scale = Workload,
            Columns = [new("Ready", "integer", "status.readyReplicas"), new("Up-to-date", "integer", "status.updatedReplicas"), new("Available", "integer", "status.availableReplicas")],
        },
        new("batch", "v1", "Job", "jobs", true)
        {
            Categories = ["all"], HasStatus = true, HasGeneration = true, OrphansByDefault = true,
            Columns = [new("Completions", "integer", "spec.completions"), new("Succeeded", "integer", "status.succeeded"), new("Failed", "integer", "status.failed")],
        },
        new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true),
        new("discovery.k8s.io", "v1beta1", "EndpointSlice", "endpointslices", true),
        new("coordination.k8s.io", "v1", "Lease", "leases", true) { Columns = [new("Holder", "string", "spec.holderIdentity")] },
        new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true) { ShortNames = ["pdb"], HasStatus = true, HasGeneration = true },
        new("policy", "v1beta1", "PodDisruptionBudget", "poddisruptionbudgets", true) { HasStatus = true, HasGeneration = true },
        new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true) { ShortNames = ["hpa"], Categories = ["all"], HasStatus = true },
        new("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true)
        {
            HasStatus = true, ToStored = AutoscalerVersions.ToV2, FromStored = AutoscalerVersions.FromV2,
        },
        new("rbac.authorization.k8s.io", "v1", "Role", "roles", true),
        new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true),
        new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false),
        new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false),
        new("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", false) { IsQuestion = true },
        new("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", false) { IsQuestion = true },
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false)
        {
            ShortNames = ["crd", "crds"], HasStatus = true, HasGeneration = true,
        },
    ];
}
