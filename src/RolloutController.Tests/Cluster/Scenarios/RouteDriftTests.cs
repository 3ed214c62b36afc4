using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>Somebody edits the route while a rollout runs: weights are put right, everything else is theirs.</summary>
internal sealed class RouteDriftTests : RolloutScenario
{
    private const string BackendRefs = "/spec/rules/0/backendRefs";

    [Faults.FaultRow(41, "weights that a person edits")]
    [Test]
    public async Task Changed_weights_are_set_again()
    {
        await StartMidwayAsync();
        await EditAsync(Replace($"{BackendRefs}/0/weight", 40), Replace($"{BackendRefs}/1/weight", 60));
        await AssertSetAgainAsync();
        await FinishAsync();
    }

    [Test]
    public async Task Original_that_is_applied_midway_is_split_again()
    {
        await StartMidwayAsync();
        await ApplyAsync(Manifests.HttpRoute());
        await AssertSetAgainAsync();
        await FinishAsync();
    }

    [Test]
    public async Task Removed_sibling_comes_back()
    {
        await StartMidwayAsync();
        await EditAsync(new JsonObject { ["op"] = "remove", ["path"] = $"{BackendRefs}/1" }, Replace($"{BackendRefs}/0/weight", 1));
        await AssertSetAgainAsync();
        await FinishAsync();
    }

    [Test]
    public async Task Rule_that_is_added_midway_is_kept()
    {
        await StartMidwayAsync();
        await ApplyAsync(Manifests.Service("mail"));
        var rule = Yaml.Parse("{matches: [{path: {type: PathPrefix, value: /mail}}], backendRefs: [{name: mail, port: 80}]}");
        await EditAsync(new JsonObject { ["op"] = "add", ["path"] = "/spec/rules/-", ["value"] = rule });
        await FinishAsync();

        var route = await RouteAsync();
        Assert.That(route.Each("spec.rules").Count(), Is.EqualTo(2));
        Assert.That(route.Text("spec.rules.1.matches.0.path.value"), Is.EqualTo("/mail"));
    }

    [Test]
    public async Task Header_filter_that_is_added_midway_is_kept()
    {
        await StartMidwayAsync();
        var filters = new JsonArray(Yaml.Parse("{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-shop, value: new}]}}"));
        await EditAsync(new JsonObject { ["op"] = "add", ["path"] = "/spec/rules/0/filters", ["value"] = filters });
        await FinishAsync();
        Assert.That((await RouteAsync()).Text("spec.rules.0.filters.0.requestHeaderModifier.set.0.value"), Is.EqualTo("new"));
    }

    protected override void CheckWeights(string name) => Assert.That(Trace.Weights(name).TakeLast(4), Is.EqualTo([25, 50, 100, 0]));

    private string RoutePath => ClusterPath.HttpRoutes(Namespace, "shop");

    private async Task<JsonObject> RouteAsync() => (await Api.GetAsync(RoutePath, Cancellation))!;

    private async Task StartMidwayAsync()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused", "the pause at 25 %");
    }

    private Task<JsonObject> EditAsync(params JsonObject[] operations) => Api.JsonPatchAsync(RoutePath, new JsonArray([.. operations]), Cancellation);

    private static JsonObject Replace(string path, int value) => new() { ["op"] = "replace", ["path"] = path, ["value"] = value };

    private async Task AssertSetAgainAsync()
    {
        await UntilAsync(RoutePath, route => RouteShares.Percent(route, "shop-canary") == 25, "the weight to be set again");
        Assert.That((await UntilEventAsync("RouteDrift")).Text("type"), Is.EqualTo("Warning"));
        Assert.That((await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation)).Text("status.state.name"), Is.EqualTo("Progressing"));
    }

    /// <summary>Lets the step go on; at the end the route is as it was applied, but for what was edited on purpose.</summary>
    private async Task FinishAsync()
    {
        var expected = await RouteAsync();
        expected["spec"]!["rules"]![0]!["backendRefs"] = Trace.Routes.Versions("shop")[0]["spec"]!["rules"]![0]!["backendRefs"]!.DeepClone();
        TakeAsApplied(expected);
        await ApplyAsync(Version("v2").Yaml());
        await UntilAtRestAsync("Healthy");
    }
}
