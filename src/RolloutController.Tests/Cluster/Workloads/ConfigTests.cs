using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>Rollouts with <c>rolloutOn: [template, config]</c>, under the rights of <c>deploy/optional/rbac-config.yaml</c> and no others.</summary>
internal sealed class ConfigTests : ControllerTest
{
    private const string Secret = "correct-horse-battery";

    private const string Template =
        """
        {metadata: {labels: {app: shop}}, spec: {volumes: [{name: config, configMap: {name: shop-config}}], containers: [{name: app, image: 'example/shop:v1', ports: [{containerPort: 8080, protocol: TCP}],
         env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: shop-db, key: password}}}]}]}}
        """;

    private static readonly RolloutBuilder Shop = CountedRollout("v1") with { Template = Template, Weights = [50, 100], More = "  rolloutOn: [template, config]" };

    /// <summary>Whatever is logged at all.</summary>
    protected override IReadOnlyList<string> Arguments => ["--log-level", "trace"];

    [SetUp]
    public async Task ConfigureAsync()
    {
        await ApplyAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: shop-config}, data: {color: blue}}");
        await ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: shop-db}}, stringData: {{password: {Secret}-1}}}}");
    }

    [Test]
    public async Task A_rotated_secret_goes_through_the_steps()
    {
        await GrantAsync();
        var first = (await DeployAsync(Shop)).Text("status.stableRevision")!;
        var pods = Kubelet.RunningUids();
        await RotateAsync("2");
        var promoted = await UntilPromotedAsync(first);

        Assert.That(promoted.Each("status.history").Select(record => record.Text("message")), Has.Some.EndsWith("; Secret shop-db changed"));
        var sets = await ReplicaSetsAsync();
        foreach (var set in sets)
        {
            var secret = await ReadAsync("secrets", set.Text("spec.template.spec.containers.0.env.0.valueFrom.secretKeyRef.name")!);
            var map = await ReadAsync("configmaps", set.Text("spec.template.spec.volumes.0.configMap.name")!);
            Assert.That((secret.Flag("immutable"), map.Flag("immutable")), Is.EqualTo((true, true)));
            Assert.That(new[] { secret, map }.Select(copy => copy.Text("metadata.ownerReferences.0.uid")), Is.All.EqualTo(set.Uid()));
            Assert.That(Password(secret), Is.EqualTo($"{Secret}-{(set.Name() == $"shop-{first}" ? 1 : 2)}"));
        }
        Assert.That(Kubelet.RunningUids().Intersect(pods), Is.Empty);
        await AssertSecretWentNowhereAsync();
    }

    [Test]
    public async Task The_copies_go_with_the_Rollout()
    {
        await GrantAsync();
        await DeployAsync(Shop);
        await Api.DeleteAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        // A garbage collector learns of a new kind, such as Rollout, every 30 seconds.
        await UntilAllAsync($"/api/v1/namespaces/{Namespace}/secrets", secrets => !secrets.Any(secret => secret.Name().StartsWith("shop-db-", StringComparison.Ordinal)), "the copies to be collected", 90);
        Assert.That((await ReadAsync("secrets", "shop-db")).Name(), Is.EqualTo("shop-db"));
    }

    [Test]
    public async Task A_Deployment_whose_pods_are_taken_over_restarts_none_of_them()
    {
        await GrantAsync();
        await ApplyAsync(Manifests.Deployment(2, Template));
        await UntilAsync(ClusterPath.Deployments(Namespace, "shop"), shop => shop.Number("status.availableReplicas") == 2, "the Deployment's pods", 60);
        var pods = Kubelet.RunningUids();
        var first = (await DeployAsync(Shop with { Workload = "shop", Replicas = null })).Text("status.stableRevision")!;
        await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), sets => sets.Any(set => set.At("metadata.annotations")?["rollouts.dev/config"] is not null), "the content to be noted");
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));

        await RotateAsync("2");
        await UntilPromotedAsync(first);
        Assert.That(Kubelet.RunningUids().Intersect(pods), Is.Empty);
    }

    private Task GrantAsync() => ApplyFileAsync("deploy/optional/rbac-config.yaml");

    private async Task ApplyFileAsync(string file)
    {
        await ApplyAsync(await File.ReadAllTextAsync(RepositoryFiles.PathOf(file), Cancellation));
        // The authorizer learns of a new role by a watch.
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
    }

    private Task<JsonObject> RotateAsync(string password) =>
        Api.MergeAsync($"/api/v1/namespaces/{Namespace}/secrets/shop-db", $"{{stringData: {{password: {Secret}-{password}}}}}", Cancellation);

    private Task<JsonObject> UntilPromotedAsync(string before) => UntilRolloutAsync(
        rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "Healthy" && rollout.Text("status.stableRevision") != before, "the new config to be promoted");

    private Task<JsonObject> ReadAsync(string plural, string name) => Api.GetAsync($"/api/v1/namespaces/{Namespace}/{plural}/{name}", Cancellation)!;

    private static string Password(JsonObject secret) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.Text("data.password")!));

    private async Task AssertSecretWentNowhereAsync()
    {
        Assert.That(Controller.ReadLog(), Does.Not.Contain(Secret));
        Assert.That((await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation))!.ToJsonString(), Does.Not.Contain(Secret));
        foreach (var path in new[] { ClusterPath.Events(Namespace), ClusterPath.ReplicaSets(Namespace) })
            Assert.That((await Api.ListAsync(path, Cancellation)).Select(item => item.ToJsonString()), Has.None.Contains(Secret));
    }
}
