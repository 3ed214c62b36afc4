using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>A kind of which the same is asked as of others; no controller writes to it meanwhile.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Manifest">What is wanted of an object, without its metadata.</param>
/// <param name="Change">A merge patch of what is wanted.</param>
/// <param name="Changed">The path of the field that the patch changes.</param>
/// <param name="Status">A merge patch of the status; null for kinds without.</param>
/// <param name="Reported">The path of the field that it changes.</param>
internal sealed record Subject(string Kind, string Manifest, string Change, string Changed, string? Status = null, string Reported = "")
{
    public static Subject ConfigMap { get; } = new("ConfigMap", "{apiVersion: v1, kind: ConfigMap, data: {color: blue} }", "{data: {color: green} }", "data.color");

    public static Subject Lease { get; } = new(
        "Lease", "{apiVersion: coordination.k8s.io/v1, kind: Lease, spec: {holderIdentity: one} }", "{spec: {holderIdentity: two} }", "spec.holderIdentity");

    public static Subject Service { get; } = new(
        "Service",
        "{apiVersion: v1, kind: Service, spec: {selector: {app: shop}, ports: [{port: 80, protocol: TCP}] } }", "{spec: {selector: {app: other} } }", "spec.selector.app",
        "{status: {loadBalancer: {ingress: [{ip: 192.0.2.1}] } } }", "status.loadBalancer.ingress.0.ip");

    public static Subject Pod { get; } = new(
        "Pod",
        "{apiVersion: v1, kind: Pod, spec: {containers: [{name: app, image: example/shop}] } }", "{spec: {activeDeadlineSeconds: 100} }", "spec.activeDeadlineSeconds",
        "{status: {message: waiting} }", "status.message");

    public static Subject Rollout { get; } = new(
        "Rollout",
        $$"""
        {apiVersion: rollouts.dev/v1alpha1, kind: Rollout,
         spec: {replicas: 2, selector: {matchLabels: {app: shop} }, template: {{Manifests.Inline(Manifests.Template("v1"))}} } }
        """,
        "{spec: {replicas: 3} }", "spec.replicas", "{status: {message: waiting} }", "status.message")
    {
        CountsGenerations = true,
    };

    public static Subject HttpRoute { get; } = new(
        "HTTPRoute",
        """
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute,
         spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}] }] } }
        """,
        "{spec: {hostnames: [shop.example] } }", "spec.hostnames.0",
        """
        {status: {parents: [{controllerName: example.com/gateway, parentRef: {name: gateway},
         conditions: [{type: Accepted, status: "True", reason: Accepted, message: fine, lastTransitionTime: "2026-01-01T00:00:00Z"}] }] } }
        """, "status.parents.0.controllerName")
    {
        CountsGenerations = true,
    };

    /// <summary>Every kind.</summary>
    public static IEnumerable<TestCaseData> All => Cases(_ => true);

    /// <summary>The kinds whose status is a subresource.</summary>
    public static IEnumerable<TestCaseData> WithStatus => Cases(subject => subject.Status is not null);

    /// <summary>The kinds of custom resources.</summary>
    public static IEnumerable<TestCaseData> Custom => Cases(subject => subject.CountsGenerations);

    /// <summary>The kinds of which a collection can be deleted; that of Services can be since Kubernetes 1.23.</summary>
    public static IEnumerable<TestCaseData> DeletedTogether => Cases(subject => subject != Service);

    /// <summary>Whether <c>metadata.generation</c> counts the changes of what is wanted, in every version of Kubernetes.</summary>
    public bool CountsGenerations { get; init; }

    /// <summary>The collection in a namespace, or an object of it.</summary>
    public string Path(string @namespace, string? name = null)
    {
        var path = ClusterPath.Of(Yaml.Parse(Written("any")), @namespace);
        var collection = path[..path.LastIndexOf('/')];
        return name is null ? collection : $"{collection}/{name}";
    }

    /// <summary>A manifest with metadata.</summary>
    /// <param name="metadata">YAML of further metadata.</param>
    public string Written(string name, string metadata = "{}")
    {
        var manifest = Yaml.Parse(Manifest);
        var own = Yaml.Parse(metadata);
        if (name.Length > 0)
            own["name"] = name;
        manifest["metadata"] = own;
        return manifest.ToJsonString();
    }

    public override string ToString() => Kind;

    private static IEnumerable<TestCaseData> Cases(Func<Subject, bool> which) =>
        from subject in (Subject[])[ConfigMap, Lease, Service, Pod, Rollout, HttpRoute]
        where which(subject)
        select new TestCaseData(subject).SetArgDisplayNames(subject.Kind);
}
