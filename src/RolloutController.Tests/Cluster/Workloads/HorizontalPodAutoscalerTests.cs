using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>A real HorizontalPodAutoscaler beside a rollout: both change the number of pods.</summary>
[NonParallelizable]
internal sealed class HorizontalPodAutoscalerTests : ControllerTest
{
    /// <summary>One pod is to use 50 millicores: half of what it requests.</summary>
    private const int Each = 50;

    [Test]
    public async Task Autoscaler_neither_flaps_nor_starves_while_a_version_replaces_another()
    {
        await using var metrics = await ResourceMetrics.StartAsync(Api, Namespace, load: 4 * Each, Cancellation);
        var rollout = Rollout("v1") with { Template = Template("v1"), Replicas = 4, Weights = [50, 100], PauseAt = [50], Hold = "5s" };
        await DeployAsync(rollout);
        await ApplyAsync(
            """
            apiVersion: autoscaling/v1
            kind: HorizontalPodAutoscaler
            metadata: {name: shop}
            spec: {minReplicas: 1, maxReplicas: 10, targetCPUUtilizationPercentage: 50, scaleTargetRef: {apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: shop} }
            """);
        await UntilAsync(Autoscaler, hpa => hpa.Number("status.currentCPUUtilizationPercentage") == 50, "the autoscaler to see the load", 90);
        var rollouts = await RecordAsync(ClusterPath.Rollouts(Namespace));
        var autoscalers = await RecordAsync(Autoscaler[..Autoscaler.LastIndexOf('/')]);

        await ChangeAsync($"{{spec: {{template: {Manifests.Inline(Template("v2"))}}}}}");
        var midway = await UntilJudgedAtAsync(50);
        await UntilPodsAsync(("v1", 4), ("v2", 2));
        await UntilAsync(Autoscaler, hpa => hpa.Number("status.currentCPUUtilizationPercentage") is > 0 and < 50, "the autoscaler to see both versions");

        metrics.Load = 8 * Each;
        await UntilAsync(Autoscaler, hpa => hpa.Number("status.desiredReplicas") == 8, "the autoscaler to ask for more", 90);
        await UntilPodsAsync(("v1", 8), ("v2", 4));
        await ChangeAsync($"{{spec: {{operation: {{id: go-on, verb: Promote, revision: {midway.Text("status.canaryRevision")}}}}}}}");
        await UntilRolloutAsync(item => item.Number("status.weight") == 100 && item.Text("status.state.name") == "Progressing", "100 %");
        await UntilHealthyAsync();

        await UntilPodsAsync(("v2", 8));
        Assert.That(rollouts.Course("shop", item => item.Number("spec.replicas")), Is.EqualTo([4, 8]));
        Assert.That(autoscalers.Versions("shop").Select(hpa => hpa.Number("status.desiredReplicas")).Distinct(), Is.EqualTo([4, 8]));
        Assert.That(autoscalers.Versions("shop").Select(WasHeldBack), Is.All.False, "only its stabilization kept the autoscaler from fewer pods");
    }

    private string Autoscaler => $"/apis/autoscaling/v1/namespaces/{Namespace}/horizontalpodautoscalers/shop";

    private static string Template(string version) =>
        $$"""
        {metadata: {labels: {app: shop} }, spec: {containers: [{name: app, image: "example/shop:{{version}}", resources: {requests: {cpu: 100m} } }] } }
        """;

    /// <summary>Whether it wanted fewer pods than there are, and waits until that has held for five minutes.</summary>
    private static bool WasHeldBack(JsonObject autoscaler) =>
        autoscaler.Annotation("autoscaling.alpha.kubernetes.io/conditions")?.Contains("ScaleDownStabilized", StringComparison.Ordinal) == true;
}
