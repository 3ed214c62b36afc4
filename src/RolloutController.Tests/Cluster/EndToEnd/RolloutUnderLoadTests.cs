using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cluster.EndToEnd;

/// <summary>
/// Whole rollouts as users meet them: the controller with the rights that it is installed with, pods that are processes, nginx as the
/// gateway, Prometheus, and a steady load that counts every answer.
/// </summary>
[Category("EndToEnd")]
[NonParallelizable]
internal sealed class RolloutUnderLoadTests : ClusterTest
{
    /// <summary>Above the 200 a second that are promised, so that a busy machine does not fall below.</summary>
    private const int Rate = 250;

    private const int PromisedRate = 200;
    private const int Replicas = 3;

    /// <summary>Long enough for the first step: at 1 % its judgement needs 75 requests, and 5 % of the load are 12 a second.</summary>
    private const string Hold = "8s";

    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-end-to-end-").FullName;
    private NginxGateway? _nginx;
    private ControllerProcess? _controller;

    protected override TimeSpan Limit => TimeSpan.FromMinutes(5);

    [SetUp]
    public void RequirePodAddresses() => RealPods.RequirePodAddresses();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Good_version_takes_over_without_one_failed_request()
    {
        await DeployAsync("v1");
        var before = await UserObjectsAsync();
        await using var load = await StartLoadAsync();
        await using var splits = await SplitTimes.StartAsync(Api, Namespace, "shop-canary", load, Cancellation);

        await ApplyAsync(Rollout("v2", failPercent: 0));
        await UntilAtRestAsync("Healthy");
        await LoadForAsync(load, TimeSpan.FromSeconds(2));
        var all = await load.StopAsync();

        Assert.That(all.Answers.Where(answer => answer.Failed), Is.Empty, all.ToString());
        TestContext.Out.WriteLine($"{all.Total} requests in {all.Seconds} s, none failed.");
        Assert.That(splits.All.Select(split => split.Percent), Is.EqualTo([0, 5, 25, 50, 100, 0]));
        using (Assert.EnterMultipleScope())
        {
            foreach (var split in splits.All.Skip(1).SkipLast(1))
            {
                var settled = split.Settled(all);
                Assert.That(settled.Percent("v2"), Is.EqualTo(split.Percent).Within(2), $"at {split.Percent} %:\n{settled}");
                Assert.That(settled.Total, Is.GreaterThanOrEqualTo(PromisedRate * settled.Seconds), $"the load at {split.Percent} %");
                Assert.That(settled.Seconds, Is.GreaterThanOrEqualTo(4), $"seconds measured at {split.Percent} %");
            }
        }
        Assert.That(all.Answers.Where(answer => answer.Second > splits.All[^1].From.TotalSeconds).Select(answer => answer.Version), Is.All.EqualTo("v2"));
        Assert.That(await UserObjectsAsync(), Is.EqualTo(before), "at rest the user's Service and route are as they were");
        Assert.That(await _controller!.TerminateAsync(TimeSpan.FromSeconds(20), Cancellation), Is.True, "the controller ends on SIGTERM");
    }

    [Test]
    public async Task Bad_version_is_rolled_back_by_itself_and_fails_no_more_than_its_share()
    {
        const double FailPercent = 8;
        await DeployAsync("v1");
        var before = await UserObjectsAsync();
        await using var load = await StartLoadAsync();
        await using var splits = await SplitTimes.StartAsync(Api, Namespace, "shop-canary", load, Cancellation);

        await ApplyAsync(Rollout("v2", FailPercent));
        var rollout = await UntilAtRestAsync("RolledBack");
        await LoadForAsync(load, TimeSpan.FromSeconds(2));
        var all = await load.StopAsync();

        Assert.That(splits.All.Select(split => split.Percent), Is.EqualTo([0, 5, 0]));
        var (canary, rest) = (splits.All[1], splits.All[2]);
        var tried = all.Answers.Where(answer => answer.Version == "v2").ToList();
        var failed = all.Answers.Where(answer => answer.Failed).ToList();
        TestContext.Out.WriteLine($"{failed.Count} of {all.Total} requests failed, of {tried.Count} that met the canary; 5 % were in effect for {(canary.To!.Value - canary.From).TotalSeconds:0.0} s.");

        Assert.That(failed, Is.All.Matches<Answer>(answer => answer is { Version: "v2", Status: HttpStatusCode.InternalServerError }), all.ToString());
        // A pod fails its share exactly, rounded down.
        Assert.That(failed, Has.Count.LessThanOrEqualTo((int)(tried.Count * FailPercent / 100)));
        var exposed = all.Between((int)canary.From.TotalSeconds - 1, (int)Math.Ceiling(rest.From.TotalSeconds) + 1);
        Assert.That(tried, Has.Count.LessThanOrEqualTo((int)(exposed.Total * 0.07)), "the canary meets its 5 %, within 2 points, and only while the route says so");
        Assert.That(all.Answers.Where(answer => answer.Second > rest.From.TotalSeconds).Select(answer => answer.Version), Is.All.EqualTo("v1"));
        Assert.That(rollout.Text("status.lastRollback.check"), Is.EqualTo("errorRate"));
        Assert.That(rollout.Number("status.lastRollback.errors"), Is.InRange(1, failed.Count));
        Assert.That(rollout.Number("status.lastRollback.requests"), Is.InRange(1, tried.Count));
        Assert.That(await UserObjectsAsync(), Is.EqualTo(before), "after a rollback the user's Service and route are as they were");
        Assert.That(await _controller!.TerminateAsync(TimeSpan.FromSeconds(20), Cancellation), Is.True, "the controller ends on SIGTERM");
    }

    [Test]
    public async Task People_with_a_header_try_a_version_out_before_anybody_else_meets_it()
    {
        await DeployAsync("v1");
        var before = await UserObjectsAsync();
        await using var load = await StartLoadAsync();
        using var tester = new HttpClient { DefaultRequestHeaders = { { "X-Canary", "always" } } };
        Assert.That(await VersionAsync(tester), Is.EqualTo("v1"));

        await ApplyAsync((Builder("v2", failPercent: 0) with { Weights = [0, 100], PauseAt = [0], Hold = "4s", Match = "{headers: [{name: X-Canary, value: always}]}" }).Yaml());
        await UntilAsync(ClusterPath.Rollouts(Namespace, "shop"), rollout => rollout.Text("status.phase") == "Paused", "the step that waits for people", seconds: 60);

        for (var request = 0; request < 20; request++)
            Assert.That(await VersionAsync(tester), Is.EqualTo("v2"));
        var others = load.Report();
        Assert.That(others.Answers.Select(answer => answer.Version), Is.All.EqualTo("v1"));

        var revision = (await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation)).Text("status.canaryRevision");
        await Api.MergeAsync(ClusterPath.Rollouts(Namespace, "shop"), new JsonObject { ["spec"] = new JsonObject { ["operation"] = new JsonObject { ["id"] = "1", ["verb"] = "Promote", ["revision"] = revision } } }, Cancellation);
        await UntilAtRestAsync("Healthy");
        var all = await load.StopAsync();

        Assert.That(all.Answers.Where(answer => answer.Failed), Is.Empty, all.ToString());
        Assert.That(await UserObjectsAsync(), Is.EqualTo(before), "at rest the user's Service and route are as they were");

        async Task<string> VersionAsync(HttpClient client)
        {
            using var response = await client.GetAsync(_nginx!.Url, Cancellation);
            return string.Concat(response.Headers.GetValues("X-Version"));
        }
    }

    /// <summary>Starts everything and brings a first version to rest.</summary>
    private async Task DeployAsync(string version)
    {
        await StartKubeletAsync(new RealPods());
        _nginx = await StartNginxAsync();
        var prometheus = Own(await PrometheusProcess.StartAsync([], Cancellation));
        Own(await prometheus.FollowPodsAsync(Api, Namespace, Cancellation));
        var kubeconfig = await ServiceAccountKubeconfig.CreateAsync(Api, await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/rbac.yaml")), _folder, Cancellation);
        _controller = await StartControllerAsync(prometheus.Url, kubeconfig, leaseNamespace: "rollout-system");
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await ApplyAsync(Rollout(version, failPercent: 0));
        await UntilAsync(ClusterPath.Rollouts(Namespace, "shop"), rollout => rollout.Text("status.phase") == "Healthy", "the first version", seconds: 60);
        await UntilAsync(ClusterPath.Endpoints(Namespace, "shop"), shop => BedTests.Addresses(shop).Count() == Replicas, "its endpoints");
    }

    private static string Rollout(string version, double failPercent) => Builder(version, failPercent).Yaml();

    private static RolloutBuilder Builder(string version, double failPercent) => new(Manifests.Template(
        version, "shop", (PodAnnotations.FailPercent, $"{failPercent}"), (PodAnnotations.Drain, "3000")))
    {
        Replicas = Replicas,
        Hold = Hold,
        Propagation = "1s",
        ScaleDownDelay = "3s",
        ProgressDeadline = "1m",
        MaxErrorRate = "1%",
    };

    /// <summary>The load once every answer of a whole second was right: nginx may still be learning the first endpoints.</summary>
    private async Task<LoadGenerator> StartLoadAsync()
    {
        await WaitFor.StateAsync(
            token => LoadGenerator.RunAsync(_nginx!.Url, Rate, TimeSpan.FromSeconds(1), token),
            report => report is { Total: > 0, Failures: 0 }, TimeSpan.FromSeconds(20), "a second without failures", Cancellation);
        var load = LoadGenerator.Start(_nginx!.Url, Rate, Limit);
        await LoadForAsync(load, TimeSpan.FromSeconds(2));
        return load;
    }

    private async Task LoadForAsync(LoadGenerator load, TimeSpan time)
    {
        var until = load.Elapsed + time;
        await WaitFor.StateAsync(_ => Task.FromResult(load.Elapsed), elapsed => elapsed >= until, time + TimeSpan.FromSeconds(10), "some more load", Cancellation);
    }

    /// <summary>Waits until a rollout has ended and left no trace.</summary>
    private async Task<JsonObject> UntilAtRestAsync(string phase)
    {
        var rollout = await UntilAsync(
            ClusterPath.Rollouts(Namespace, "shop"),
            shop => shop.Text("status.phase") == phase && shop.Text("status.state.name") == "AtRest" && !shop.Each("metadata.finalizers").Any()
                && shop.Number("status.observedGeneration") == shop.Number("metadata.generation"),
            $"the Rollout to rest as {phase}", seconds: 150);
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == Replicas, "the other version's pods to be gone");
        Assert.That(await Api.GetAsync(ClusterPath.Services(Namespace, "shop-canary"), Cancellation), Is.Null, "the canary Service is gone");
        return rollout;
    }

    /// <summary>What the user applied beside the Rollout, as it is now.</summary>
    private async Task<string> UserObjectsAsync()
    {
        var service = await Api.GetAsync(ClusterPath.Services(Namespace, "shop"), Cancellation);
        var route = await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation);
        return $"{service!["spec"]}\n{service.At("metadata.labels")}{service.At("metadata.annotations")}\n{route!["spec"]}\n{route.At("metadata.labels")}{route.At("metadata.annotations")}";
    }
}
