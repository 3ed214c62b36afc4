using NUnit.Framework;

namespace RolloutController.Tests.Cluster.BadInput;

/// <summary>Two Rollouts want the same thing: the older has it, and the younger is told whose it is.</summary>
[Faults.FaultRow(47, "two Rollouts want the same")]
internal sealed class ClaimTests : BadInputTest
{
    private static readonly RolloutBuilder Younger =
        new(Manifests.Template("v1", "younger")) { Name = "younger", Service = "younger", HttpRoutes = ["younger"], MaxErrorRate = null };

    [Test]
    public Task Service() => RefusesAsync(Younger with { Service = "shop" }, "spec.traffic.service: ", "Service shop belongs to Rollout", Manifests.HttpRoute("younger", "shop"));

    [Test]
    public Task Route() => RefusesAsync(Younger with { HttpRoutes = ["shop"] }, "spec.traffic.routes: ", "HTTPRoute shop belongs to Rollout", Manifests.Service("younger"));

    [Test]
    public async Task Selector()
    {
        await DeployAsync(Rollout("v1"));
        await AYoungerOneAsync();
        await ApplyAsync(Manifests.Service("younger", "shop"));
        await ApplyAsync(Manifests.HttpRoute("younger"));
        await RefusedAsync(
            (Younger with { Template = Manifests.Template("v1") }).Yaml().Replace("{app: younger}", "{app: shop}", StringComparison.Ordinal),
            "spec.selector: ", "the set of pods that this selector selects belongs to Rollout");
    }

    [Test]
    public async Task Deployment()
    {
        await ApplyAsync(Manifests.Deployment(2, Manifests.Template("v1")));
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Adopting("shop"));
        await UntilHealthyAsync();
        await AYoungerOneAsync();

        await RefusedAsync(Adopting("younger").Yaml(), "spec.workloadRef: ", "Deployment shop belongs to Rollout");
    }

    private static RolloutBuilder Adopting(string name) =>
        new("") { Name = name, Workload = "shop", Replicas = null, Service = null, HttpRoutes = [], MaxErrorRate = null };

    private async Task RefusesAsync(RolloutBuilder younger, string field, string message, string beside)
    {
        await DeployAsync(Rollout("v1"));
        await AYoungerOneAsync();
        await ApplyAsync(beside);
        await RefusedAsync(younger.Yaml(), field, message);
    }

    private async Task RefusedAsync(string younger, string field, string message)
    {
        var uids = Kubelet.RunningUids();
        await ApplyAsync(younger);

        var wrong = await UntilInvalidAsync("ClaimedByAnother", field, message, "younger");

        Assert.That(wrong.Text("status.message"), Does.Contain($"{Namespace}/shop"));
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(uids));
        Assert.That(await ReplicaSetsAsync(), Has.None.Matches<System.Text.Json.Nodes.JsonObject>(set => set.Name().StartsWith("younger", StringComparison.Ordinal)));
        await UntilHealthyAsync();
        await Api.DeleteAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        await UntilRolloutAsync(rollout => rollout.Condition("Stalled").Text("reason") != "ClaimedByAnother", "the younger to be let go on", "younger");
    }

    /// <summary>Creation times are whole seconds: the next object is to be younger by one at the least.</summary>
    private Task<string> AYoungerOneAsync() => WaitFor.StateAsync(
        async token => (await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), token)).Text("metadata.creationTimestamp")!,
        created => DateTimeOffset.UtcNow - DateTimeOffset.Parse(created, System.Globalization.CultureInfo.InvariantCulture) > TimeSpan.FromSeconds(1.1),
        TimeSpan.FromSeconds(10), "a second to pass", Cancellation);
}
