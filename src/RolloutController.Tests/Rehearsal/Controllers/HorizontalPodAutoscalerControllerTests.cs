using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Controllers;

internal sealed class HorizontalPodAutoscalerControllerTests
{
    [Test]
    public void Steady_load_leaves_the_replicas_alone() => Bed.Run(async bed =>
    {
        await RunAsync(bed, 4, _ => 1.05);

        await bed.PassAsync(TimeSpan.FromMinutes(20));

        Assert.That(Replicas(bed), Is.EqualTo(4));
        var status = bed.Find("horizontalpodautoscalers", "shop");
        Assert.That((status.Number("status.currentReplicas"), status.Number("status.desiredReplicas")), Is.EqualTo((4, 4)));
        Assert.That(status.Number("status.currentMetrics.0.resource.current.averageUtilization"), Is.EqualTo(84), "5 % above the goal of 80");
        Assert.That((status.Is("AbleToScale"), status.Is("ScalingActive"), status.Is("ScalingLimited")), Is.EqualTo((true, true, false)));
    });

    [Test]
    public void More_load_brings_more_pods_and_less_takes_them_away_after_five_minutes() => Bed.Run(async bed =>
    {
        var all = 4.0;
        await RunAsync(bed, 4, _ => all / bed.Pods.Count(pod => pod.Is("Ready")));

        all = 7;
        await bed.UntilAsync(() => Replicas(bed) == 7, "more pods");
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        all = 2;
        var fell = bed.Clock.GetUtcNow();
        await bed.UntilAsync(() => Replicas(bed) == 2, "fewer pods");

        Assert.That((bed.Clock.GetUtcNow() - fell).TotalSeconds, Is.InRange(300, 330));
        await bed.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That(Replicas(bed), Is.EqualTo(2));
    });

    [TestCase(1, 2)]
    [TestCase(30, 10)]
    public void Replicas_are_kept_within_the_limits(int replicas, int expected) => Bed.Run(async bed =>
    {
        await RunAsync(bed, replicas, null);

        await bed.UntilAsync(() => Replicas(bed) == expected, "the limit");
    });

    [Test]
    public void Target_that_is_scaled_to_zero_stays_there() => Bed.Run(async bed =>
    {
        await RunAsync(bed, 4, null);
        bed.Merge("deployments", "shop", "{spec: {replicas: 0}}");

        await bed.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(Replicas(bed), Is.Zero);
        Assert.That(bed.Find("horizontalpodautoscalers", "shop").Condition("ScalingActive").Text("reason"), Is.EqualTo("ScalingDisabled"));
    });

    [Test]
    public void Containers_without_a_request_for_CPU_cannot_be_judged() => Bed.Run(async bed =>
    {
        await RunAsync(bed, 4, _ => 3, requests: "");

        await bed.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(Replicas(bed), Is.EqualTo(4));
        Assert.That(bed.Find("horizontalpodautoscalers", "shop").Condition("ScalingActive").Text("reason"), Is.EqualTo("FailedGetResourceMetric"));
    });

    [Test]
    public void Missing_target_is_told() => Bed.Run(async bed =>
    {
        bed.Create("horizontalpodautoscalers", Autoscaler);
        bed.Start(new HorizontalPodAutoscalerController(bed.Cluster, null).RunAsync);

        await bed.UntilAsync(() => bed.Find("horizontalpodautoscalers", "shop").Condition("AbleToScale").Text("reason") == "FailedGetScale", "the complaint");
    });

    private const string Autoscaler =
        """
        {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: shop}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop},
         minReplicas: 2, maxReplicas: 10, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}}
        """;

    private static long Replicas(Bed bed) => bed.Find("deployments", "shop").Number("spec.replicas");

    private static async Task RunAsync(Bed bed, int replicas, Func<StoredObject, double?>? load, string requests = "resources: {requests: {cpu: 100m}}")
    {
        bed.Create("deployments",
            $$"""
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}, spec: {replicas: {{replicas}}, selector: {matchLabels: {app: shop} },
             template: {metadata: {labels: {app: shop} }, spec: {containers: [{name: app, image: 'example/shop:v1', {{requests}} }]} } } }
            """);
        await bed.UntilAsync(() => bed.Find("deployments", "shop").Number("status.availableReplicas") == replicas, "the pods");
        bed.Create("horizontalpodautoscalers", Autoscaler);
        bed.Start(new HorizontalPodAutoscalerController(bed.Cluster, load is null ? null : new Load(load)).RunAsync);
    }

    private sealed class Load(Func<StoredObject, double?> of) : IPodLoad
    {
        public double? LoadOf(StoredObject pod) => of(pod);
    }
}
