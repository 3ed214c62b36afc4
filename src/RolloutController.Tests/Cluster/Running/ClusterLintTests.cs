using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Cli;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Running;

/// <summary><c>lint --cluster</c>: manifests beside the objects of a cluster, in which nothing changes.</summary>
internal sealed class ClusterLintTests : ClusterTest
{
    private readonly TemporaryFolder _files = new();

    [SetUp]
    public Task RequireAsync() => RequireRolloutsAsync();

    [TearDown]
    public void DeleteFiles() => _files.Dispose();

    [Test]
    public async Task New_manifests_are_judged_with_what_they_bring_and_nothing_is_stored()
    {
        var before = await StateAsync();
        var linted = await LintAsync($"{Shop().Yaml()}\n---\n{Manifests.Service()}\n---\n{Manifests.HttpRoute()}");
        Assert.That((linted.Code, linted.Error), Is.EqualTo((0, "")), linted.Output);
        Assert.That(linted.Output.Trim().Split('\n'), Has.All.Contains(": warning: "));
        Assert.That(await StateAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_Rollout_alone_is_judged_beside_the_objects_of_the_cluster()
    {
        Assert.That((await LintAsync(Shop().Yaml())).Output, Does.Contain($"spec.traffic.service: there is no Service shop in namespace {Namespace}; create it, or name another"));

        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute("shop", "another"));
        var before = await StateAsync();
        var linted = await LintAsync(Shop().Yaml());
        Assert.That((linted.Code, linted.Output), Is.EqualTo((2, linted.Output)));
        Assert.That(linted.Output, Does.Contain($"spec.traffic.routes[0]: HTTPRoute {Namespace}/shop sends nothing to Service {Namespace}/shop"));
        Assert.That(await StateAsync(), Is.EqualTo(before));

        await ApplyAsync(Manifests.HttpRoute());
        Assert.That((await LintAsync(Shop().Yaml())).Code, Is.Zero);
    }

    [Test]
    public async Task What_belongs_to_another_Rollout_is_told_and_a_Rollout_may_change_itself()
    {
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        var made = DateTimeOffset.Parse((await ApplyAsync(Shop().Yaml())).Text("metadata.creationTimestamp")!, CultureInfo.InvariantCulture);
        // The older one is told by whole seconds.
        await WaitFor.StateAsync(_ => Task.FromResult(TimeProvider.System.GetUtcNow()), now => now > made.AddSeconds(2), TimeSpan.FromSeconds(10), "another second", Cancellation);
        var before = await StateAsync();

        var other = await LintAsync((Shop() with { Name = "other", Template = Manifests.Template("v1") }).Yaml().Replace("matchLabels: {app: other}", "matchLabels: {app: shop}", StringComparison.Ordinal));
        Assert.That(other.Output, Does.Contain($"spec.traffic.service: Service shop belongs to Rollout {Namespace}/shop already; name another, or remove it there"));
        Assert.That(other.Output, Does.Contain("spec.selector: ").And.Contain("spec.traffic.routes: HTTPRoute shop"));
        Assert.That(other.Code, Is.EqualTo(2));
        Assert.That((await LintAsync((Shop() with { Template = Manifests.Template("v2") }).Yaml())).Code, Is.Zero);
        Assert.That(await StateAsync(), Is.EqualTo(before));
    }

    [TestCase("name: app,", "name: App_1,", "spec.template.spec.containers[0].name: ")]
    [TestCase("replicas: 2", "replicas: two", "spec.replicas: ")]
    [TestCase("replicas: 2", "replicaz: 2", "replicaz")]
    [TestCase("weight: 5,", "weight: 500,", "spec.steps[0].weight: ")]
    public async Task The_verdict_of_the_API_server_is_told(string right, string wrong, string told)
    {
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        var yaml = Shop().Yaml();
        Assert.That(yaml, Does.Contain(right));

        var linted = await LintAsync(yaml.Replace(right, wrong, StringComparison.Ordinal));

        Assert.That((linted.Code, linted.Output), Is.EqualTo((2, linted.Output)), linted.Error);
        Assert.That(linted.Output, Does.Contain(told).And.StartWith(Path.Combine(_files.Path, "shop.yaml")));
    }

    [Test]
    public async Task Who_may_not_read_the_cluster_is_told_what_is_missing()
    {
        var manifest = $$"""
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: limited} }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: limited}, rules: [{apiGroups: [rollouts.dev], resources: [rollouts], verbs: [get, list, watch, create, patch]}] }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: limited},
             roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: limited}, subjects: [{kind: ServiceAccount, name: limited, namespace: {{Namespace}} }] }
            """;
        var kubeconfig = await ServiceAccountKubeconfig.CreateAsync(Api, manifest, _files.Path, Cancellation, Namespace, "limited");
        // The authorizer learns of a new role by a watch.
        using var limited = ClusterApi.FromKubeconfig(kubeconfig);
        await WaitFor.StateAsync(async token => (await limited.AskAsync(HttpMethod.Get, ClusterPath.Rollouts(Namespace), null, token)).Status, status => status == System.Net.HttpStatusCode.OK, TimeSpan.FromSeconds(20), "the role to be known", Cancellation);

        var linted = await LintAsync(Shop().Yaml(), kubeconfig);

        Assert.That((linted.Code, linted.Output), Is.EqualTo((2, "")));
        Assert.That(linted.Error, Does.StartWith("The cluster refuses it: ").And.Contain("forbidden"));
    }

    private static RolloutBuilder Shop() => new(Manifests.Template("v1")) { MaxErrorRate = null };

    private async Task<Rehearse> LintAsync(string manifests, string? kubeconfig = null)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        kubeconfig ??= Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!;
        var command = LintCommand.Create().Parse(["-f", _files.Write("shop.yaml", manifests), "--cluster", "--kubeconfig", kubeconfig, "-n", Namespace]);
        var code = await command.InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, Cancellation);
        return new Rehearse(code, output.ToString(), error.ToString());
    }

    /// <summary>Every object that a Rollout is made of or makes, and its version.</summary>
    private async Task<string> StateAsync()
    {
        string[] collections =
        [
            ClusterPath.Rollouts(Namespace), ClusterPath.Services(Namespace), ClusterPath.HttpRoutes(Namespace), ClusterPath.ReplicaSets(Namespace), ClusterPath.Deployments(Namespace),
            ClusterPath.Pods(Namespace), ClusterPath.Events(Namespace), $"/api/v1/namespaces/{Namespace}/configmaps", $"/api/v1/namespaces/{Namespace}/secrets",
        ];
        var all = new List<JsonObject>();
        foreach (var collection in collections)
            all.AddRange(await Api.ListAsync(collection, Cancellation));
        // The control plane puts its authorities into every namespace by itself.
        return string.Join('\n', all.Where(item => item.Name() != "kube-root-ca.crt" && !item.Name().StartsWith("default-token-", StringComparison.Ordinal)).Select(item => $"{item.Text("kind")} {item.Name()} {item.Text("metadata.resourceVersion")}").Order(StringComparer.Ordinal));
    }
}
