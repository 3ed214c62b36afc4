using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>The parts of the test bed that are real processes, together: pods, nginx, Prometheus and a load.</summary>
[Category("EndToEnd")]
[NonParallelizable]
internal sealed class EndToEndBedTests : ClusterTest
{
    private const int Rate = 200;

    [SetUp]
    public void RequirePodAddresses() => RealPods.RequirePodAddresses();

    [Test]
    public async Task Nginx_splits_real_requests_by_weight_and_loses_none_while_everything_changes()
    {
        var kubelet = await StartKubeletAsync(new RealPods());
        var nginx = await StartNginxAsync();
        await StartVersionAsync("shop", "v1", "0");
        await StartVersionAsync("shop-canary", "v2", "20");
        await SplitAsync(90, 10);

        await using var load = LoadGenerator.Start(nginx.Url, Rate, TimeSpan.FromMinutes(1));
        var first = await AfterAsync(load, 0, 1000);
        Assert.That(first.Percent("v2"), Is.EqualTo(10).Within(2), first.ToString());

        await SplitAsync(50, 50);
        var second = await AfterAsync(load, load.Report().Total, 1000);
        Assert.That(second.Percent("v2"), Is.EqualTo(50).Within(2), second.ToString());

        await SplitAsync(100, 0);
        await Api.MergeAsync(ClusterPath.Deployments(Namespace, "shop-canary"), "{spec: {replicas: 0}}", Cancellation);
        await Api.MergeAsync(ClusterPath.Deployments(Namespace, "shop"), "{spec: {replicas: 1}}", Cancellation);
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 1, "the other pods to be gone");
        var all = await load.StopAsync();

        Assert.That(all.Lost, Is.Zero, all.ToString());
        var canary = all.Answers.Where(answer => answer.Version == "v2").ToList();
        Assert.That(100.0 * canary.Count(answer => answer.Failed) / canary.Count, Is.EqualTo(20).Within(2));
        Assert.That(all.Answers.Where(answer => answer.Version == "v1").Any(answer => answer.Failed), Is.False);
        Assert.That(kubelet.Starts, Is.EqualTo(4));
    }

    [Test]
    public async Task Nginx_answers_503_for_the_share_of_a_backend_without_endpoints()
    {
        await StartKubeletAsync(new RealPods());
        var nginx = await StartNginxAsync();
        await StartVersionAsync("shop", "v1", "0");
        await ApplyAsync(Manifests.Service("shop-canary"));
        await SplitAsync(75, 25);

        var report = await LoadGenerator.RunAsync(nginx.Url, Rate, TimeSpan.FromSeconds(3), Cancellation);

        Assert.That(100.0 * report.Lost / report.Total, Is.EqualTo(25).Within(2), report.ToString());
        Assert.That(report.Percent("v1"), Is.EqualTo(75).Within(2), report.ToString());
    }

    [Test]
    public async Task Prometheus_scrapes_real_pods_and_keeps_its_data_over_a_restart()
    {
        var kubelet = await StartKubeletAsync(new RealPods());
        var nginx = await StartNginxAsync();
        await StartVersionAsync("shop", "v1", "50");
        await SplitAsync(1, 0);
        await using var prometheus = await PrometheusProcess.StartAsync([], Cancellation);
        prometheus.SetPods(await Api.ListAsync(ClusterPath.Pods(Namespace), Cancellation));
        await LoadGenerator.RunAsync(nginx.Url, Rate, TimeSpan.FromSeconds(1), Cancellation);

        var query = $"sum(http_requests_total{{namespace=\"{Namespace}\",pod=~\"shop-.*\",code=\"500\"}})";
        var errors = await UntilNumberAsync(prometheus, query, value => value > 0);
        await prometheus.StopAsync(Cancellation);
        await prometheus.StartAgainAsync(Cancellation);

        Assert.That(await UntilNumberAsync(prometheus, query, value => value is not null), Is.GreaterThanOrEqualTo(errors!.Value));
        Assert.That(kubelet.Starts, Is.EqualTo(2));
    }

    private async Task StartVersionAsync(string app, string version, string failPercent)
    {
        await ApplyAsync(Manifests.Service(app));
        await ApplyAsync(Manifests.Deployment(2, Manifests.Template(version, app, (PodAnnotations.FailPercent, failPercent)), app));
        await UntilAsync(ClusterPath.Endpoints(Namespace, app), item => BedTests.Addresses(item).Count() == 2, $"two endpoints of {app}");
    }

    private async Task SplitAsync(int stable, int canary)
    {
        var applied = await ApplyAsync(canary == 0 && stable == 1
            ? Manifests.HttpRoute()
            : Manifests.HttpRoute("shop", ("shop", stable), ("shop-canary", canary)));
        await UntilAsync(
            ClusterPath.HttpRoutes(Namespace, "shop"),
            route => route.Each("status.parents").Any() && route.Number("metadata.generation") >= applied.Number("metadata.generation") && RouteShares.IsInEffect(route),
            "the gateway to serve the split");
    }

    /// <summary>The next answers of a load, from a number of them on.</summary>
    private async Task<LoadReport> AfterAsync(LoadGenerator load, int from, int count)
    {
        var report = await WaitFor.StateAsync(
            _ => Task.FromResult(load.Report()), seen => seen.Total >= from + count, TimeSpan.FromSeconds(30), $"{count} answers", Cancellation);
        return new LoadReport([.. report.Answers.Skip(from)]);
    }

    private Task<double?> UntilNumberAsync(PrometheusProcess prometheus, string query, Func<double?, bool> condition) =>
        WaitFor.StateAsync(token => prometheus.QueryAsync(query, token), condition, TimeSpan.FromSeconds(30), query, Cancellation);
}
