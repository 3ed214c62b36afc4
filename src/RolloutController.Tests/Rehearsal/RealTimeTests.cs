using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal;

/// <summary>The same parts in real time, where they work on several threads at once.</summary>
[CancelAfter(120_000)]
internal sealed class RealTimeTests
{
    private const string Namespace = "default";

    private static readonly PodScript Fast = new()
    {
        Scheduling = TimeSpan.FromMilliseconds(1),
        ImagePull = TimeSpan.FromMilliseconds(2),
        StartUp = TimeSpan.FromMilliseconds(5),
        Stop = TimeSpan.FromMilliseconds(3),
    };

    [Test]
    public async Task Pods_endpoints_requests_and_counters_agree_in_the_end(CancellationToken token)
    {
        var plane = new ControlPlane(TimeProvider.System, new Random(1));
        var gateway = new SimulatedGateway(plane.Cluster) { AcceptanceDelay = TimeSpan.FromMilliseconds(5), PropagationDelay = TimeSpan.FromMilliseconds(5) };
        var shop = new ObjectKey(Namespace, "shop");
        using var requests = new SimulatedRequests(
            plane.Cluster, gateway, new RequestStream(shop) { Routes = [("httproutes", shop)], RequestsPerSecond = _ => 10_000 }, _ => new ServingQuality(0.01, Latency.Usual), new Random(2));
        var prometheus = new SimulatedPrometheus(TimeProvider.System, requests) { ScrapeInterval = TimeSpan.FromMilliseconds(5) };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var running = new[] { plane.RunAsync, new SimulatedKubelet(plane.Cluster, _ => Fast).RunAsync, gateway.RunAsync, prometheus.RunAsync }
            .Select(run => Task.Run(() => run(stop.Token), token)).ToList();
        plane.Cluster.Create("services", Yaml.Parse("{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: default}, spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}}"));
        plane.Cluster.Create("httproutes", Yaml.Parse(
            "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: shop, namespace: default}, spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}}"));
        plane.Cluster.Create("deployments", Yaml.Parse(
            $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: shop, namespace: default}}, spec: {{replicas: 30, selector: {{matchLabels: {{app: shop}}}}, template: {Bed.Template("v1")}}}}}"));
        requests.Begin();

        await UntilAsync(() => Available() == 30 && Endpoints() == 30, token);
        plane.Cluster.Change("deployments", Namespace, "shop", json => json["spec"]!["template"] = Yaml.Parse(Bed.Template("v2")));
        var looks = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                for (var look = 0; look < 50; look++)
                {
                    Assert.That(requests.Totals().Sum(one => one.Counts.Failed + one.Counts.Lost), Is.LessThanOrEqualTo(requests.Totals().Sum(one => one.Counts.Total)));
                    prometheus.Answer("/api/v1/query", new Dictionary<string, string> { ["query"] = "http_requests_total[1m]" });
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, token);
                }
            },
            token));
        await Task.WhenAll(looks);
        await UntilAsync(() => Available() == 30 && Endpoints() == 30 && Versions().SequenceEqual(["v2"]), token);

        Assert.That(requests.Totals().Sum(one => one.Counts.Total), Is.Positive);
        await stop.CancelAsync();
        foreach (var task in running)
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(running.Where(task => task.IsFaulted).Select(task => task.Exception), Is.Empty);

        long Available() => plane.Cluster.Find("deployments", Namespace, "shop")!.Json.Number("status.availableReplicas");

        int Endpoints() => plane.Cluster.List("endpointslices", Namespace).SelectMany(slice => slice.Json.Each("endpoints")).Count(endpoint => endpoint.Flag("conditions.ready"));

        IEnumerable<string> Versions() => plane.Cluster.List("pods", Namespace).Select(pod => PodAnnotations.VersionOf(pod.Json)).Distinct();
    }

    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
    }
}
