using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Hosting.Options;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Deploy;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Chart;

/// <summary>What the chart renders, whatever the values. What is left at its default is in <c>deploy/</c>, too, and tested there.</summary>
internal sealed class ChartTests
{
    private const string Secrets = "/etc/rollout/secrets";

    [TestCaseSource(typeof(ChartValues), nameof(ChartValues.Names))]
    public void Every_object_is_there_once_in_its_namespace_and_says_whose_it_is(string values)
    {
        var all = Rendered(values);
        Assert.That(all.Select(item => (item.Text("kind"), item.Text("metadata.namespace"), item.Name())), Is.Unique);
        foreach (var item in all)
        {
            var isOfCluster = item.Text("kind") is "ClusterRole" or "ClusterRoleBinding" or "CustomResourceDefinition" or "Namespace";
            Assert.That(item.Text("metadata.namespace") is null, Is.EqualTo(isOfCluster), $"{item.Text("kind")} {item.Name()}");
            Assert.That((item.Label("app.kubernetes.io/instance"), item.Label("app.kubernetes.io/managed-by"), item.Label("helm.sh/chart")), Is.EqualTo((HelmChart.Release, "Helm", "rollout-controller-0.1.0")));
        }
    }

    [TestCaseSource(typeof(ChartValues), nameof(ChartValues.Names))]
    public void Every_pod_keeps_Pod_Security_restricted(string values)
    {
        var pods = Pods(Rendered(values));
        Assert.That(pods, Has.Count.EqualTo(3), "the controller's, and those of helm test");
        Assert.That(pods.SelectMany(PodSecurity.Violations), Is.Empty);
        foreach (var pod in pods)
            Assert.That((pod.Text("automountServiceAccountToken"), pod.At("containers.0.securityContext").Flag("readOnlyRootFilesystem")), Is.EqualTo(("false", true)));
    }

    [TestCaseSource(typeof(ChartValues), nameof(ChartValues.Names))]
    public void Selectors_select_the_controllers_pods_and_not_those_of_the_test(string values)
    {
        var all = Rendered(values);
        var (controller, tests) = (Of(all, "Deployment").Single().At("spec.template")!, Of(all, "Pod").ToList());
        var selectors = all.Select(item => item.Text("kind") switch
        {
            "Service" => item.At("spec.selector"),
            "Deployment" or "PodDisruptionBudget" => item.At("spec.selector.matchLabels"),
            "NetworkPolicy" when item.Annotation("helm.sh/hook") is null => item.At("spec.podSelector.matchLabels"),
            _ => null,
        }).OfType<JsonObject>().ToList();
        Assert.That(selectors, Has.Count.GreaterThanOrEqualTo(2));
        Assert.That(selectors.Select(selector => (selector.Selects(controller), tests.Exists(selector.Selects))), Is.All.EqualTo((true, false)));
        Assert.That(Of(all, "PodMonitor").All(monitor => ((JsonObject)monitor.At("spec.selector.matchLabels")!).Selects(controller)));
        Assert.That(Of(all, "ServiceMonitor").All(monitor => ((JsonObject)monitor.At("spec.selector.matchLabels")!).Selects(Of(all, "Service").Single())));
    }

    [TestCaseSource(typeof(ChartValues), nameof(ChartValues.Names))]
    public void Credentials_are_files_of_Secrets_and_nothing_else(string values)
    {
        var all = Rendered(values);
        foreach (var container in Pods(all).Select(pod => pod.At("containers.0")))
        {
            Assert.That(container.Each("env").Select(variable => variable.At("valueFrom.secretKeyRef")), Is.All.Null);
            Assert.That(container.At("envFrom"), Is.Null);
        }
        var pod = Of(all, "Deployment").Single().At("spec.template.spec")!;
        var mounted = Items(pod).Select(item => $"{Secrets}/{item.Text("path")}").ToList();
        Assert.That(FilesOf(SettingsOf(all)), Is.EquivalentTo(mounted));
        Assert.That(pod.At("containers.0").Each("volumeMounts").Where(mount => mount.Text("mountPath") == Secrets).Select(mount => mount.Flag("readOnly")), Is.EqualTo(mounted.Count > 0 ? new[] { true } : []));
    }

    [TestCaseSource(typeof(ChartValues), nameof(ChartValues.Names))]
    public void The_controller_takes_the_settings(string values)
    {
        using var folder = new TemporaryFolder();
        var all = Rendered(values);
        var deployment = Of(all, "Deployment").Single();
        foreach (var item in Items(deployment.At("spec.template.spec")!))
            folder.Write(item.Text("path")!, "secret");
        var environment = deployment.At("spec.template.spec.containers.0").Each("env").Where(variable => variable.At("value") is not null).ToDictionary(variable => variable.Text("name")!, variable => variable.Text("value")!);
        environment["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
        Assert.That(environment.ContainsKey(Settings.FileVariable), Is.EqualTo(SettingsOf(all) is not null));

        var options = OptionsReader.Read(folder.Write("appsettings.json", (SettingsOf(all) ?? "{}").Replace(Secrets, folder.Path, StringComparison.Ordinal)), environment, new Dictionary<Setting, string>());

        Assert.That(options.Problems(), Is.Empty);
        if (values == "everything")
        {
            Assert.That(options.Providers.Select(provider => provider.Name), Is.EqualTo((string[])["prometheus", "mimir"]));
            Assert.That((options.Logs.Count, options.Hooks.Count, options.Notifications.Count, options.HealthKey is null), Is.EqualTo((1, 1, 3, false)));
            Assert.That(options.Namespaces, Is.EqualTo((string[])["shop", "blog"]));
        }
    }

    [Test]
    public void Some_namespaces_get_the_rights_of_all_and_nothing_is_given_elsewhere()
    {
        var everywhere = Roles(Rendered("defaults")).Single(role => role.IsEverywhere && !role.Json.Name().EndsWith("-view", StringComparison.Ordinal) && !role.Json.Name().EndsWith("-edit", StringComparison.Ordinal));
        var some = Roles(Rendered("everything")).Where(role => role.Json.Annotation("helm.sh/hook") is null).ToList();
        Assert.That(some.Where(role => role.IsEverywhere).Select(role => role.Json.Name()), Is.EquivalentTo((string[])[$"{HelmChart.Release}-rollout-controller-view", $"{HelmChart.Release}-rollout-controller-edit"]));
        foreach (var there in new[] { "shop", "blog" })
            Assert.That(some.Single(role => role.Json.Text("metadata.namespace") == there && role.Json.Name().EndsWith("-namespace", StringComparison.Ordinal)).Permissions, Is.EquivalentTo(everywhere.Permissions));
        Assert.That(some.SelectMany(role => role.Permissions).Where(permission => permission.Resource is "secrets" or "configmaps" && permission.Verb != "create").Select(permission => permission.ByName), Is.Not.Empty.And.All.True);
        Assert.That(some.Where(role => role.Json.Text("metadata.namespace") == "blog").SelectMany(role => role.Permissions).Select(permission => permission.Resource), Does.Not.Contain("secrets"), "none was named there");
    }

    [TestCase("http://collector.monitoring:4317", 4317)]
    [TestCase("https://collector.monitoring", 443)]
    [TestCase("http://collector.monitoring/otlp", 80)]
    [TestCase("http://[fd00::17]", 80)]
    public void The_controller_is_let_out_to_the_collector_on_its_port(string endpoint, int port)
    {
        var rules = Egress($"{{traces: {{endpoint: '{endpoint}'}}, networkPolicy: {{collector: [{{namespaceSelector: {{matchLabels: {{team: traces}}}}}}]}}}}");
        var rule = rules.Single(rule => rule.Each("to").Any(to => to.Text("namespaceSelector.matchLabels.team") == "traces"));
        Assert.That(rule.Each("ports").Select(one => (one.Text("protocol"), one.Number("port"))), Is.EqualTo(((string?, long?)[])[("TCP", port)]));
    }

    [TestCase("{}")]
    [TestCase("{traces: {endpoint: 'http://collector:4317'}, networkPolicy: {collector: []}}")]
    public void Without_a_collector_or_its_peers_nothing_is_let_out_for_it(string values) =>
        Assert.That(Egress(values).Count(), Is.EqualTo(Egress("{traces: {endpoint: 'http://collector:4317'}}").Count() - 1));

    [TestCase("{}", 1)]
    [TestCase("{networkPolicy: {denyAll: true}}", 2)]
    [TestCase("{networkPolicy: {enabled: false}}", 0)]
    public void Pods_of_the_test_are_let_in_to_ask_for_health_while_it_runs(string values, int policies)
    {
        var all = HelmChart.Render(values);
        var (controller, tests) = (Of(all, "Deployment").Single().At("spec.template")!, Of(all, "Pod").ToList());
        var ofTest = Of(all, "NetworkPolicy").Where(policy => policy.Annotation("helm.sh/hook") == "test").ToList();
        Assert.That(ofTest, Has.Count.EqualTo(policies));
        var ingress = ofTest.Where(policy => Selects(policy.At("spec"), controller)).SelectMany(policy => policy.Each("spec.ingress")).SelectMany(rule => rule.Each("from"));
        Assert.That(ingress.Select(from => tests.TrueForAll(pod => Selects(from, pod))), policies > 0 ? Is.EqualTo((bool[])[true]) : Is.Empty);
        var egress = ofTest.Where(policy => tests.TrueForAll(pod => Selects(policy.At("spec"), pod))).SelectMany(policy => policy.Each("spec.egress")).SelectMany(rule => rule.Each("to"));
        Assert.That(egress.Count(to => Selects(to, controller)), Is.EqualTo(policies == 2 ? 1 : 0));

        static bool Selects(JsonNode? peer, JsonNode pod) => peer.At("podSelector.matchLabels") is JsonObject labels && labels.Selects(pod);
    }

    [Test]
    public void The_image_is_named_by_its_digest_where_there_is_one()
    {
        Assert.That(Image("everything"), Is.EqualTo("rollout-controller@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
        Assert.That(Image("defaults"), Is.EqualTo("rollout-controller:0.1.0"));

        static string? Image(string values) => Of(Rendered(values), "Deployment").Single().Text("spec.template.spec.containers.0.image");
    }

    [Test]
    public void The_definition_of_Rollouts_is_that_of_crds_and_stays_unless_it_is_to_go()
    {
        var source = YamlFile.Documents("crds/rollouts.yaml").Single();
        var kept = Of(Rendered("defaults"), "CustomResourceDefinition").Single();
        Assert.That(JsonNode.DeepEquals(kept["spec"], source["spec"]));
        Assert.That(kept.Annotation("helm.sh/resource-policy"), Is.EqualTo("keep"));
        Assert.That(Of(Rendered("the namespace as well"), "CustomResourceDefinition").Single().Annotation("helm.sh/resource-policy"), Is.Null);
        Assert.That(Of(Rendered("least"), "CustomResourceDefinition"), Is.Empty);
    }

    [Test]
    public void Another_setting_makes_other_pods()
    {
        Assert.That(Checksum("{hooks: {a: {address: 'https://a.example'}}}"), Is.Not.Null.And.Not.EqualTo(Checksum("{hooks: {a: {address: 'https://b.example'}}}")));

        static string? Checksum(string values) => Of(HelmChart.Render(values), "Deployment").Single().At("spec.template").Annotation("checksum/settings");
    }

    [TestCase("defaults", "prometheus.address", "looks after all namespaces", "rollout status deployment/shop-release-rollout-controller", "helm test shop-release", "serviceMonitor.enabled")]
    [TestCase("everything", "the namespaces shop, blog", "kubectl -n shop get rollouts")]
    [TestCase("least", "There is one replica")]
    [TestCase("the namespace as well", "helm uninstall deletes")]
    public void Notes_say_what_to_do_next(string values, params string[] said)
    {
        var notes = HelmChart.RenderText(ChartValues.All[values], more: "--notes");
        foreach (var text in said)
            Assert.That(notes, Does.Contain(text));
        Assert.That(notes.Contains("--set prometheus.address", StringComparison.Ordinal), Is.EqualTo(values != "everything"));
    }

    private static IReadOnlyList<JsonObject> Rendered(string values) => HelmChart.Render(ChartValues.All[values]);

    private static IEnumerable<JsonObject> Of(IEnumerable<JsonObject> all, string kind) => all.Where(item => item.Text("kind") == kind);

    private static IEnumerable<Role> Roles(IEnumerable<JsonObject> all) => all.Where(item => item.Text("kind") is "Role" or "ClusterRole").Select(item => new Role(HelmChart.Folder, item));

    private static IEnumerable<JsonNode> Egress(string values) => Of(HelmChart.Render(values), "NetworkPolicy").Single(policy => policy.Annotation("helm.sh/hook") is null).Each("spec.egress");

    private static IReadOnlyList<JsonNode> Pods(IReadOnlyList<JsonObject> all) =>
        [.. Of(all, "Deployment").Select(item => item.At("spec.template.spec")!), .. Of(all, "Pod").Select(item => item["spec"]!)];

    private static string? SettingsOf(IEnumerable<JsonObject> all) => Of(all, "ConfigMap").SingleOrDefault(item => item["data"]!["appsettings.json"] is not null)?["data"]!["appsettings.json"]!.ToString();

    private static IEnumerable<JsonNode> Items(JsonNode pod) =>
        pod.Each("volumes").Where(volume => volume.Text("name") == "secrets").SelectMany(volume => volume.Each("projected.sources")).SelectMany(source => source.Each("secret.items").Concat(source.Each("configMap.items")));

    private static IEnumerable<string> FilesOf(string? settings) => Leaves(JsonNode.Parse(settings ?? "{}")).Where(text => text.StartsWith(Secrets, StringComparison.Ordinal));

    private static IEnumerable<string> Leaves(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves(member.Value)),
        JsonArray items => items.SelectMany(Leaves),
        _ => [node?.ToString() ?? ""],
    };
}
