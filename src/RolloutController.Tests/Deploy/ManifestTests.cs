using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Deploy;

/// <summary>
/// The manifests, which are rendered from the chart, by reference/security.md 5.1, and by what kube-linter, Polaris, Trivy and Checkov ask of manifests. Not followed: a limit on the CPU
/// (KSV-0011), which would throttle a rollback, and an image by its digest (CKV_K8S_43), which whoever builds the image writes.
/// </summary>
internal sealed class ManifestTests
{
    private const string System = "rollout-system";

    private static readonly IReadOnlyList<JsonNode> s_all =
        [.. Directory.EnumerateFiles(RepositoryFiles.PathOf("deploy"), "*.yaml").Order(StringComparer.Ordinal).SelectMany(file => YamlFile.Documents($"deploy/{Path.GetFileName(file)}"))];

    private static JsonNode Deployment => Of("Deployment").Single();

    private static JsonNode Pod => Deployment.At("spec.template.spec")!;

    private static JsonNode Container => Pod.Each("containers").Single();

    [Test]
    public void Everything_is_in_the_namespace_that_keeps_Pod_Security_restricted()
    {
        var labels = (JsonObject)Of("Namespace").Single(item => item.Name() == System).At("metadata.labels")!;
        Assert.That(labels["pod-security.kubernetes.io/enforce"]!.ToString(), Is.EqualTo("restricted"));
        Assert.That(s_all.Where(item => item.Text("kind") is not ("Namespace" or "ClusterRole" or "ClusterRoleBinding")).Select(item => item.Text("metadata.namespace")), Is.All.EqualTo(System));
        Assert.That(s_all.Select(item => item.Label("app.kubernetes.io/name")), Is.All.EqualTo("rollout-controller"));
    }

    [Test]
    public void The_root_is_read_only_and_what_is_written_is_bounded()
    {
        Assert.That(Container.Flag("securityContext.readOnlyRootFilesystem"));
        var mounts = Container.Each("volumeMounts").ToDictionary(mount => mount.Text("name")!);
        foreach (var volume in Pod.Each("volumes"))
        {
            var mount = mounts[volume.Text("name")!];
            if (volume.At("emptyDir") is { } directory)
                Assert.That((mount.Text("mountPath"), directory.Text("sizeLimit")), Is.EqualTo(("/tmp", "16Mi")));
            else
                Assert.That(mount.Flag("readOnly"), volume.Text("name"));
        }
    }

    [Test]
    public void Only_the_controller_gets_a_token_and_it_expires()
    {
        Assert.That(Of("ServiceAccount").Single().Text("automountServiceAccountToken"), Is.EqualTo("false"));
        Assert.That(Pod.Text("automountServiceAccountToken"), Is.EqualTo("false"));
        Assert.That(Pod.Text("serviceAccountName"), Is.EqualTo(Of("ServiceAccount").Single().Name()));
        var sources = Pod.Each("volumes").Single(volume => volume.Text("name") == "api-token").At("projected")!;
        Assert.That(sources.Each("sources").Select(source => source.At("serviceAccountToken")).OfType<JsonNode>().Single().Number("expirationSeconds"), Is.EqualTo(3607));
        Assert.That(sources.Text("defaultMode"), Is.EqualTo("440"), "to YAML 1.1, as Kubernetes reads it, an octal number");
        Assert.That(sources.Each("sources").Select(source => source.Text("configMap.name")), Has.Some.EqualTo("kube-root-ca.crt"));
    }

    [Test]
    public void It_runs_as_a_user_of_its_own_that_no_node_knows()
    {
        foreach (var field in new[] { "runAsUser", "runAsGroup", "fsGroup" })
            Assert.That(Pod.Number($"securityContext.{field}"), Is.GreaterThan(10_000), field);
        Assert.That(File.ReadAllText(RepositoryFiles.PathOf("Dockerfile")), Does.Contain($"USER {Pod.Text("securityContext.runAsUser")}:{Pod.Text("securityContext.runAsGroup")}"));
    }

    [Test]
    public void No_secret_is_in_the_environment_and_nothing_of_other_Services()
    {
        Assert.That(Container.Each("env").Where(variable => variable.At("valueFrom.secretKeyRef") is not null), Is.Empty);
        Assert.That(Container.At("envFrom"), Is.Null);
        Assert.That(Pod.Text("enableServiceLinks"), Is.EqualTo("false"));
        Assert.That(Container.Each("env").Single(variable => variable.Text("name") == "DOTNET_EnableDiagnostics").Text("value"), Is.EqualTo("0"));
    }

    [Test]
    public void Resources_are_asked_for_and_limited()
    {
        foreach (var resource in new[] { "cpu", "memory", "ephemeral-storage" })
            Assert.That(Container.At("resources.requests")![resource], Is.Not.Null, resource);
        foreach (var resource in new[] { "memory", "ephemeral-storage" })
            Assert.That(Container.At("resources.limits")![resource], Is.Not.Null, resource);
    }

    [Test]
    public void It_is_watched_spread_and_not_taken_away_all_at_once()
    {
        Assert.That((Container.Text("livenessProbe.httpGet.path"), Container.Text("readinessProbe.httpGet.path")), Is.EqualTo(("/healthz", "/readyz")));
        Assert.That(Deployment.Number("spec.replicas"), Is.GreaterThanOrEqualTo(2));
        Assert.That(Pod.Each("topologySpreadConstraints").Select(spread => spread.Text("topologyKey")), Is.EquivalentTo((string[])["kubernetes.io/hostname", "topology.kubernetes.io/zone"]));
        Assert.That(Pod.At("affinity.podAntiAffinity"), Is.Not.Null);
        Assert.That(Of("PodDisruptionBudget").Single().Number("spec.maxUnavailable"), Is.EqualTo(1));
        Assert.That(Container.Text("image"), Does.Match(":[0-9]+[.][0-9]+[.][0-9]+$"), "a version, not latest");
    }

    [Test]
    public void Every_selector_selects_the_controllers_pods_or_all()
    {
        var pod = Deployment.At("spec.template")!;
        var selectors = new[]
        {
            Deployment.At("spec.selector.matchLabels"), Of("Service").Single().At("spec.selector"), Of("PodDisruptionBudget").Single().At("spec.selector.matchLabels"),
            Of("NetworkPolicy").Single(policy => policy.Name() == "rollout-controller").At("spec.podSelector.matchLabels"),
        };
        Assert.That(selectors.Select(selector => ((JsonObject?)selector).Selects(pod)), Is.All.True);
        Assert.That(Of("Service").Single().Each("spec.ports").Select(port => port.Text("targetPort")), Is.SubsetOf(Container.Each("ports").Select(port => port.Text("name"))));
    }

    [Test]
    public void Traffic_is_denied_but_for_what_is_named()
    {
        var deny = Of("NetworkPolicy").Single(policy => policy.Name() == "default-deny").At("spec")!;
        Assert.That(deny.At("podSelector")!.AsObject(), Is.Empty);
        Assert.That(deny.Each("policyTypes").Select(type => type.ToString()), Is.EquivalentTo((string[])["Ingress", "Egress"]));
        Assert.That((deny.At("ingress"), deny.At("egress")), Is.EqualTo(((JsonNode?)null, (JsonNode?)null)));

        var allow = Of("NetworkPolicy").Single(policy => policy.Name() == "rollout-controller").At("spec")!;
        Assert.That(allow.Each("policyTypes").Select(type => type.ToString()), Is.EquivalentTo((string[])["Ingress", "Egress"]));
        foreach (var rule in allow.Each("ingress"))
        {
            Assert.That(rule.Each("from"), Is.Not.Empty, "nobody from everywhere");
            Assert.That(rule.Each("from").Select(from => ((JsonObject?)from.At("namespaceSelector.matchLabels"))?.Count ?? 0), Is.All.Positive, "nobody from every namespace");
            Assert.That(rule.Each("ports").Select(port => port.Number("port")), Is.EqualTo((long[])[8080]));
        }

        foreach (var rule in allow.Each("egress"))
        {
            Assert.That(rule.Each("to"), Is.Not.Empty, "nothing to everywhere");
            Assert.That(rule.Each("ports").Any() || rule.Each("to").All(to => to.At("ipBlock") is null), "addresses go with ports");
        }
    }

    [Test]
    public void Metadata_services_of_clouds_are_out_of_reach()
    {
        var blocks = Of("NetworkPolicy").SelectMany(policy => policy.Each("spec.egress")).SelectMany(rule => rule.Each("to")).Select(to => to.At("ipBlock")).OfType<JsonNode>().ToList();
        Assert.That(blocks.Single(block => block.Text("cidr") == "0.0.0.0/0").Each("except").Select(network => network.ToString()), Is.SupersetOf((string[])["169.254.0.0/16"]));
        Assert.That(blocks.Single(block => block.Text("cidr") == "::/0").Each("except").Select(network => network.ToString()), Is.SupersetOf((string[])["fd00:ec2::254/128", "fe80::/10"]));
        Assert.That(blocks, Has.Count.EqualTo(2));
    }

    [Test]
    public void Users_get_Rollouts_by_the_roles_that_Kubernetes_brings_and_nothing_else()
    {
        var roles = YamlFile.Documents("deploy/user-roles.yaml");
        Assert.That(roles.Select(role => $"{role.Name()}: {string.Join(", ", AggregatedTo(role))}"), Is.EqualTo((string[])["rollout-controller-view: view, edit, admin", "rollout-controller-edit: edit, admin"]));
        var permissions = roles.SelectMany(role => new Role("", role).Permissions).ToList();
        Assert.That(permissions.Select(permission => permission.Resource).Distinct(), Is.EquivalentTo((string[])["rollouts", "rollouts/scale"]), "a status is the controller's to write");
        Assert.That(permissions.Select(permission => permission.Group), Is.All.EqualTo("rollouts.dev"));
    }

    private static IEnumerable<string> AggregatedTo(JsonNode role)
    {
        const string Aggregated = "rbac.authorization.k8s.io/aggregate-to-";
        return ((JsonObject)role.At("metadata.labels")!).Select(label => label.Key).Where(label => label.StartsWith(Aggregated, StringComparison.Ordinal)).Select(label => label[Aggregated.Length..]);
    }

    private static IEnumerable<JsonNode> Of(string kind) => s_all.Where(item => item.Text("kind") == kind);
}
