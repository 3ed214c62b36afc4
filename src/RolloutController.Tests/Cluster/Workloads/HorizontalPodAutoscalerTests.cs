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
        if (TestCluster.IsEmbedded)
            Assert.Ignore("This needs a control plane that serves a resource-metrics API by aggregation: name its kubeconfig in ROLLOUT_TEST_KUBECONFIG.");
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

        await ChangeAsync($"{{spec: {{template: {Manifests.Inline(Template("v2"))}}}}}");
        var midway = await UntilJudgedAtAsync(50);
        await UntilAsync(Autoscaler, hpa => hpa.Number("status.currentCPUUtilizationPercentage") is > 0 and < 50, "the autoscaler to see both versions");

        // The pods of the new version come on top, so a little less than twice the count carries twice the load for now.
        metrics.Load = 8 * Each;
        await UntilRolloutAsync(item => item.Number("spec.replicas") > 4, "the autoscaler to ask for more");
        await ChangeAsync($"{{spec: {{operation: {{id: go-on, verb: Promote, revision: {midway.Text("status.canaryRevision")}}}}}}}");
        await UntilRolloutAsync(item => item.Text("status.state.name") == "Promoting", "the new version to be promoted");

        // It counts pods that became ready this second as idle, and may ask for one pod too many.
        var after = await UntilRolloutAsync(item => IsAtRest(item) && item.Number("spec.replicas") >= 8, "enough pods for the load");
        Assert.That(after.Number("spec.replicas"), Is.LessThanOrEqualTo(9));
        await UntilPodsAsync(("v2", (int)after.Number("spec.replicas")));
        Assert.That(rollouts.Course("shop", item => item.Number("spec.replicas")), Is.Ordered.Ascending, "it never took pods away");
    }

    private string Autoscaler => $"/apis/autoscaling/v1/namespaces/{Namespace}/horizontalpodautoscalers/shop";

    private static string Template(string version) =>
        $$"""
        {metadata: {labels: {app: shop} }, spec: {containers: [{name: app, image: "example/shop:{{version}}", resources: {requests: {cpu: 100m} } }] } }
        """;
}
