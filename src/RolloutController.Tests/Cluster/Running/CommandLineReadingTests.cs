using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Tests.Cli;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>The commands that look at Rollouts, on a cluster with the controller.</summary>
internal sealed class CommandLineReadingTests : ControllerTest
{
    [Test]
    public async Task Rollouts_are_listed_in_every_form()
    {
        await DeployAsync(Rollout("v1"));

        Assert.That((await RunAsync("get")).Output, Does.Match(@"^NAME   STATUS    STEP   WEIGHT   READY   AGE +MESSAGE\nshop   Healthy   4/4    100 %    2/2     \S+ +[0-9a-z]+ has all the traffic"));
        Assert.That((await RunAsync("get", "rollout/shop", "-o", "wide")).Output, Does.Contain("example/shop:v1"));
        Assert.That((await RunAsync("get", "-o", "name")).Output, Is.EqualTo("rollout.rollouts.dev/shop\n"));
        Assert.That((await RunAsync("get", "-l", "team=other")), Is.EqualTo(new CommandRun(0, "", $"There are no Rollouts in namespace {Namespace}.\n")));
        Assert.That((await RunAsync("get", "-A", "-o", "name")).Output, Does.Contain("rollout.rollouts.dev/shop\n"));

        var json = JsonNode.Parse((await RunAsync("get", "shop", "-o", "json")).Output)!;
        var stored = await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        stored!["metadata"]!.AsObject().Remove("managedFields");
        Assert.That(JsonNode.DeepEquals(json, stored), Is.True, $"{json}\n{stored}");
        Assert.That(JsonNode.DeepEquals(YamlReader.Read((await RunAsync("get", "shop", "-o", "yaml")).Output).Single(), stored), Is.True);
        Assert.That(JsonNode.Parse((await RunAsync("get", "-o", "json")).Output)!["items"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_rollout_can_be_looked_at_on_its_way()
    {
        await DeployAsync(Rollout("v1"));
        await ApplyAsync(Rollout("v2") with { PauseAt = [25] });
        var waiting = await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused", "the pause");
        var (stable, canary) = (waiting.Text("status.stableRevision")!, waiting.Text("status.canaryRevision")!);

        var described = (await RunAsync("describe", "shop")).Output;
        Assert.That(described, Does.Contain($"{canary} (example/shop:v2)").And.Contain("Service shop, by HTTPRoute shop").And.Contain("then a person"));
        Assert.That(described, Does.Match(@$"{canary}   canary   1/1").And.Match(@$"{stable}   stable   2/2"));
        Assert.That(described, Does.Contain($"promote shop -n {Namespace}"));
        Assert.That((await RunAsync("explain", "shop")).Output, Does.Contain("a person lets this step go on: ").And.StartWith($"shop is at step 2/4: {canary} has 25 %"));
        Assert.That((await RunAsync("history", "shop")).Output, Does.Match(@$"{stable} +1 +Deployed"));
    }

    [Test]
    public async Task Status_waits_and_its_exit_code_tells_how_it_ended()
    {
        await DeployAsync(Rollout("v1"));
        Assert.That((await ExecuteAsync("status", "shop")).Code, Is.Zero);

        await ApplyAsync(Rollout("v2") with { PauseAt = [25], Hold = "1s" });
        var paused = await ExecuteAsync("status", "shop", "--wait", "--timeout", "60s");
        Assert.That((paused.Code, paused.Error), Is.EqualTo((4, "")), paused.Output);
        Assert.That(paused.Output, Does.Contain("shop goes no further without a person: 25 %: waits for a person"));

        await ApplyAsync(Rollout("v3") with { Hold = "60s" });
        var late = await ExecuteAsync("status", "shop", "--wait", "--timeout", "2s");
        Assert.That((late.Code, late.Output), Is.EqualTo((5, late.Output)), late.Error);
        Assert.That(late.Output, Does.Contain("shop is not over, and time is up: "));
        Assert.That((await ExecuteAsync("status", "shop")).Code, Is.EqualTo(5));

        await ApplyAsync(Rollout("v4", (PodAnnotations.Behaviour, "never-ready")) with { ProgressDeadline = "2s" });
        var failed = await ExecuteAsync("status", "shop", "--wait");
        Assert.That((failed.Code, failed.Output), Is.EqualTo((3, failed.Output)), failed.Error);
        Assert.That(failed.Output, Does.Contain("shop is rolled back: ").And.Contain("explain shop"));

        await ApplyAsync(Rollout("v5"));
        Assert.That((await ExecuteAsync("status", "shop", "--wait", "--timeout", "60s")).Code, Is.Zero);
    }

    [Test]
    public async Task Watch_prints_a_line_for_each_change()
    {
        await DeployAsync(Rollout("v1"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watching = CommandRun.RunAsync(Namespace, stop.Token, "watch", "shop");
        await ApplyAsync(Rollout("v2"));
        await UntilRolloutAsync(rollout => rollout.Number("status.weight") == 50, "50 %");
        await UntilHealthyAsync();
        await stop.CancelAsync();

        var watched = await watching;
        Assert.That((watched.Code, watched.Error), Is.EqualTo((0, "")));
        Assert.That(watched.Output, Does.Contain("Healthy      4/4    100 %").And.Match(@"Progressing  3/4 +50 %"));
    }

    [Test]
    public async Task What_is_not_there_is_told_with_what_is()
    {
        Assert.That(await RunAsync("describe", "shop"), Is.EqualTo(new CommandRun(1, "", $"There is no Rollout in namespace {Namespace}: name another with -n, or look at all with get --all-namespaces\n")));
        await ApplyAsync(Rollout("v1").Yaml());
        Assert.That((await RunAsync("status", "shoop")).Error, Is.EqualTo($"There is no Rollout shoop in namespace {Namespace}; there are: shop\n"));
        Assert.That((await CommandRun.StartAsync(Cancellation, "get", "--kubeconfig", "/nowhere")).Code, Is.EqualTo(1));
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.RunAsync(Namespace, Cancellation, arguments);

    private Task<CommandRun> ExecuteAsync(params string[] arguments) => CommandRun.ExecuteAsync(Namespace, Cancellation, arguments);
}
