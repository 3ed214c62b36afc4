using NUnit.Framework;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Deploy;

/// <summary>The rights that the manifests give, by themselves: reference/security.md 5.1.</summary>
internal sealed class RightsTests
{
    private static readonly string[] EscalatingVerbs = ["escalate", "bind", "impersonate", "deletecollection", "approve", "sign"];

    private static readonly string[] EscalatingResources =
    [
        "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/ephemeralcontainers", "pods/eviction", "services/proxy", "nodes", "nodes/proxy",
        "serviceaccounts/token", "serviceaccounts", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "customresourcedefinitions",
        "validatingwebhookconfigurations", "mutatingwebhookconfigurations", "certificatesigningrequests", "namespaces", "persistentvolumes",
    ];

    private static IEnumerable<Role> Roles => Role.Files.SelectMany(Role.In);

    [TestCaseSource(nameof(Roles))]
    public void Nothing_is_allowed_by_wildcard_and_nothing_escalates(object tested)
    {
        var role = (Role)tested;
        Assert.That(role.Permissions, Is.Not.Empty);
        foreach (var permission in role.Permissions)
        {
            Assert.That(new[] { permission.Verb, permission.Group, permission.Resource }, Has.None.Contains("*"), permission.ToString());
            Assert.That(EscalatingVerbs, Does.Not.Contain(permission.Verb), permission.ToString());
            Assert.That(EscalatingResources, Does.Not.Contain(permission.Resource), permission.ToString());
        }

        Assert.That(role.Json.Each("rules").Where(rule => rule.At("nonResourceURLs") is not null), Is.Empty);
        Assert.That(role.Json.At("aggregationRule"), Is.Null);
    }

    [TestCaseSource(nameof(Roles))]
    public void Secrets_and_ConfigMaps_are_read_by_name_in_one_namespace_or_not_at_all(object tested)
    {
        var role = (Role)tested;
        foreach (var permission in role.Permissions.Where(permission => permission.Resource is "secrets" or "configmaps"))
        {
            Assert.That(role.IsEverywhere, Is.False, permission.ToString());
            // A create cannot be limited by name, and shows nothing of what is there.
            Assert.That(permission.ByName || permission.Verb == "create", permission.ToString());
        }
    }

    [TestCaseSource(nameof(Roles))]
    public void Pods_are_never_created_and_nothing_of_a_workload_is_but_ReplicaSets_and_Jobs(object tested) => Assert.That(
        ((Role)tested).Permissions.Where(permission => permission.Verb is "create" or "update" && permission.Group is "" or "apps" or "batch").Select(permission => permission.Resource).Distinct(),
        Is.SubsetOf((string[])["replicasets", "jobs", "services", "configmaps", "secrets"]));

    [Test]
    public void Tokens_are_asked_about_only_where_an_operator_gives_that_right()
    {
        var asking = Roles.Where(role => role.Permissions.Any(permission => permission.Group is "authentication.k8s.io" or "authorization.k8s.io")).ToList();
        Assert.That(asking.Select(role => role.File), Is.EqualTo((string[])["deploy/optional/rbac-page-actions.yaml"]));
        Assert.That(asking.SelectMany(role => role.Permissions).Select(permission => (permission.Verb, permission.Resource)), Is.EquivalentTo(new[] { ("create", "tokenreviews"), ("create", "subjectaccessreviews") }));
    }

    [Test]
    public void Routes_and_Deployments_are_only_changed()
    {
        var verbs = Roles.SelectMany(role => role.Permissions).Where(permission => permission.Resource is "httproutes" or "grpcroutes" or "deployments").Select(permission => permission.Verb).Distinct();
        Assert.That(verbs, Is.EquivalentTo((string[])["get", "list", "watch", "patch"]));
    }

    [Test]
    public void Install_for_some_namespaces_has_the_same_rights_there_and_none_elsewhere()
    {
        var everywhere = Role.In("deploy/rbac.yaml").Single(role => role.IsEverywhere);
        var there = Role.In("deploy/namespaced/rights.yaml").Single();
        Assert.That(there.Permissions, Is.EquivalentTo(everywhere.Permissions));
        Assert.That(Role.Files.Where(file => file.Contains("namespaced", StringComparison.Ordinal)).SelectMany(file => YamlFile.Documents(file)).Select(item => item.Text("kind")), Has.None.StartsWith("Cluster"));
        Assert.That(Role.In("deploy/namespaced/rbac.yaml").Single().Permissions, Is.EquivalentTo(Role.In("deploy/rbac.yaml").Single(role => !role.IsEverywhere).Permissions));
    }

    [Test]
    public void Nobody_but_the_controllers_own_account_is_bound()
    {
        var bindings = Role.Files.SelectMany(file => YamlFile.Documents(file)).Where(item => item.Text("kind")!.EndsWith("Binding", StringComparison.Ordinal)).ToList();
        Assert.That(bindings, Has.Count.EqualTo(Roles.Count()));
        foreach (var binding in bindings)
        {
            Assert.That(binding.Each("subjects").Select(subject => $"{subject.Text("kind")} {subject.Text("namespace")}/{subject.Text("name")}"), Is.EqualTo((string[])["ServiceAccount rollout-system/rollout-controller"]));
            Assert.That(Roles.Select(role => role.Title), Does.Contain($"{binding.Text("roleRef.kind")} {binding.Text("roleRef.name")}"));
        }
    }
}
