using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cli;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>The commands that steer Rollouts, on a cluster with the controller.</summary>
internal sealed class CommandLineSteeringTests : ControllerTest
{
    [Test]
    public async Task A_step_that_waits_is_promoted_and_the_next_one_skipped()
    {
        await DeployAsync(Rollout("v1"));
        await ShipAsync(Rollout("v2") with { PauseAt = [25, 50], Hold = "1s" });
        var waiting = await UntilPausedAsync(25);
        var canary = waiting.Text("status.canaryRevision");

        var promoted = await RunAsync("promote", "shop");
        Assert.That((promoted.Code, promoted.Error), Is.EqualTo((0, "")));
        Assert.That(promoted.Output, Does.StartWith($"shop: Promote of {canary} carried out\nshop: "));
        await UntilPausedAsync(50);

        Assert.That((await RunAsync("skip", "shop")).Output, Does.StartWith($"shop: Skip of {canary} carried out; not judged: 50 %\n"));
        var healthy = await UntilHealthyAsync();
        Assert.That(healthy.Text("status.history.0.message"), Does.Match(@$"^it replaced \S+; not judged: 50 %, by operation cli-\S+ of {Environment.UserName}$"));
        Assert.That(healthy.Text("spec.operation.by"), Is.EqualTo(Environment.UserName));
    }

    [Test]
    public async Task A_version_gets_all_the_traffic_in_full()
    {
        await DeployAsync(Rollout("v1"));
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        await ShipAsync(Rollout("v2") with { Weights = [5, 25, 50, 100], PauseAt = [5], Hold = "60s" });
        await UntilJudgedAtAsync(5);

        var promoted = await RunAsync("promote", "shop", "--full");
        Assert.That((promoted.Code, promoted.Error), Is.EqualTo((0, "")));
        Assert.That(promoted.Output, Does.Contain("not judged: everything from 5 % on"));
        await UntilHealthyAsync();
        Assert.That(routes.Course("shop", route => (int)Math.Round(RouteShares.Percent(route, "shop-canary"))), Is.EqualTo(new[] { 0, 5, 100, 0 }), "no step between");
    }

    [Test]
    public async Task A_rollout_is_aborted_and_tried_again_and_what_cannot_be_is_refused()
    {
        var first = await DeployAsync(Rollout("v1"));
        await ShipAsync(Rollout("v2") with { Hold = "60s" });
        await UntilJudgedAtAsync(5);
        Assert.That((await RunAsync("promote", "shop")).Error, Does.StartWith("shop: Promote is refused: the rollout of "));

        Assert.That((await RunAsync("abort", "shop")).Code, Is.Zero);
        await UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "RolledBack", "it to be back");
        var again = await RunAsync("abort", "shop");
        Assert.That((again.Code, again.Error), Is.EqualTo((1, again.Error)));
        Assert.That(again.Error, Does.StartWith("shop: no rollout is running. Now: "));

        Assert.That((await RunAsync("retry", "shop")).Code, Is.Zero);
        await UntilJudgedAtAsync(5);
        var refused = await RunAsync("retry", "shop");
        Assert.That(refused.Error, Does.StartWith("shop: no version failed or was undone"));

        Assert.That((await RunAsync("abort", "shop")).Code, Is.Zero);
        await UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "RolledBack", "it to be back");
        Assert.That((await RunAsync("promote", "shop", "--full")).Code, Is.Zero);
        var healthy = await UntilHealthyAsync();
        Assert.That(healthy.Text("status.stableRevision"), Is.Not.EqualTo(first.Text("status.stableRevision")));
    }

    [Test]
    public async Task Pause_freezes_and_resume_goes_on()
    {
        await DeployAsync(Rollout("v1"));
        await ShipAsync(Rollout("v2") with { Hold = "60s" });
        await UntilJudgedAtAsync(5);

        Assert.That((await RunAsync("pause", "shop")).Output, Does.StartWith("shop is paused: frozen at 5 %, because spec.paused is true"));
        Assert.That((await RunAsync("pause", "shop")), Is.EqualTo(new CommandRun(0, "shop is paused already.\n", "")));
        Assert.That((await RunAsync("status", "shop")).Code, Is.EqualTo(4));
        Assert.That((await RunAsync("resume", "shop")).Output, Does.StartWith("shop goes on: 5 %"));
        Assert.That((await RunAsync("resume", "shop")).Output, Is.EqualTo("shop is not paused.\n"));
    }

    [Test]
    public async Task Undo_goes_to_the_version_before_or_to_a_named_one()
    {
        var first = (await DeployAsync(Rollout("v1"))).Text("status.stableRevision")!;
        await ApplyAsync(Rollout("v2"));
        var second = (await UntilHealthyOnAnotherAsync(first)).Text("status.stableRevision")!;

        var wrong = await RunAsync("undo", "shop", "--to", "7");
        Assert.That((wrong.Code, wrong.Error), Is.EqualTo((1, $"shop: 7 is not kept; it can be undone to: {first} (number 1, example/shop:v1)\n")));

        Assert.That((await RunAsync("undo", "shop")).Output, Does.StartWith($"shop: Undo to {first} carried out\n"));
        await UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.stableRevision") == first, "the first version");
        Assert.That((await RunAsync("undo", "shop", "--to", "2")).Output, Does.StartWith($"shop: Undo to {second} carried out\n"));
        await UntilHealthyAsync();
    }

    [Test]
    public async Task Restart_and_set_image_make_new_versions()
    {
        var first = (await DeployAsync(Rollout("v1"))).Text("status.stableRevision")!;

        Assert.That((await RunAsync("restart", "shop")).Output, Does.StartWith("shop restarts: a version with the same images goes by the steps. Wait for it: "));
        var restarted = await UntilHealthyOnAnotherAsync(first);
        var annotations = (JsonObject)restarted.At("spec.template.metadata.annotations")!;
        Assert.That((string?)annotations["kubectl.kubernetes.io/restartedAt"], Does.Match("^20.*Z$"));

        var wrong = await RunAsync("set", "image", "shop", "web=example/shop:v9");
        Assert.That(wrong, Is.EqualTo(new CommandRun(1, "", "shop has no container web; it has: app\n")));
        Assert.That((await RunAsync("set", "image", "rollout/shop", "app=example/shop:v2")).Output, Does.StartWith("shop: container app: example/shop:v1 becomes example/shop:v2\n"));
        Assert.That((await UntilHealthyOnAnotherAsync(restarted.Text("status.stableRevision")!)).Text("spec.template.spec.containers.0.image"), Is.EqualTo("example/shop:v2"));
        Assert.That((await RunAsync("set", "image", "shop", "*=example/shop:v2")).Output, Is.EqualTo("shop has these images already.\n"));
    }

    [Test]
    public async Task A_template_that_a_Deployment_has_is_changed_there()
    {
        await ApplyAsync(Manifests.Deployment(2, Manifests.Template("v1")));
        var first = await DeployAsync(CountedRollout("v1") with { Workload = "shop", Service = null, Replicas = null });

        Assert.That((await RunAsync("set", "image", "shop", "app=example/shop:v2")).Code, Is.Zero);
        await UntilHealthyOnAnotherAsync(first.Text("status.stableRevision")!);
        Assert.That((await Api.GetAsync(ClusterPath.Deployments(Namespace, "shop"), Cancellation)).Text("spec.template.spec.containers.0.image"), Is.EqualTo("example/shop:v2"));
        Assert.That((await RunAsync("restart", "shop")).Code, Is.Zero);
    }

    private async Task ShipAsync(RolloutBuilder rollout)
    {
        await ApplyAsync(rollout);
        await UntilRolloutAsync(found => IsSeen(found) && found.Text("status.state.name") == "Progressing", "it to set out");
    }

    private Task<JsonObject> UntilPausedAsync(int weight) =>
        UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused" && rollout.Number("status.weight") == weight, $"the pause at {weight} %");

    private Task<JsonObject> UntilHealthyOnAnotherAsync(string revision) =>
        UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "Healthy" && rollout.Text("status.stableRevision") != revision, "another version to be healthy and at rest");

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.RunAsync(Namespace, Cancellation, arguments);
}
