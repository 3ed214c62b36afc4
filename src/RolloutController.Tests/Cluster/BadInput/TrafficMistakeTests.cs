using NUnit.Framework;

namespace RolloutController.Tests.Cluster.BadInput;

/// <summary>Services and routes that are missing, or that are not what they have to be.</summary>
internal sealed class TrafficMistakeTests : BadInputTest
{
    [SetUp]
    public Task DeployShopAsync() => DeployAsync(Rollout("v1"));

    [Test]
    public Task Service_that_is_missing() => MistakeAsync(
        () => Api.DeleteAsync(ClusterPath.Services(Namespace, "shop"), Cancellation),
        "ServiceNotFound", "spec.traffic.service: ", "there is no Service shop",
        () => ApplyAsync(Manifests.Service()));

    [Test]
    public Task Service_that_selects_other_pods() => MistakeAsync(
        () => Api.MergeAsync(ClusterPath.Services(Namespace, "shop"), "{spec: {selector: {app: shopping}}}", Cancellation),
        "ServiceSelectsOtherPods", "spec.traffic.service: ", "selects app=shopping",
        () => Api.MergeAsync(ClusterPath.Services(Namespace, "shop"), "{spec: {selector: {app: shop}}}", Cancellation));

    [Test]
    public Task Service_without_a_selector() => MistakeAsync(
        () => Api.MergeAsync(ClusterPath.Services(Namespace, "shop"), "{spec: {selector: null}}", Cancellation),
        "ServiceSelectsNothing", "spec.traffic.service: ", "give it a selector",
        () => Api.MergeAsync(ClusterPath.Services(Namespace, "shop"), "{spec: {selector: {app: shop}}}", Cancellation));

    [Test]
    public Task Service_of_the_canary_that_belongs_to_somebody_else() => MistakeAsync(
        () => ApplyAsync(Manifests.Service("shop-canary", "shop")),
        "CanaryServiceTaken", "spec.traffic.service: ", "there is a Service shop-canary already",
        () => Api.DeleteAsync(ClusterPath.Services(Namespace, "shop-canary"), Cancellation));

    [Faults.FaultRow(28, "404 on the route")]
    [Test]
    public Task Route_that_is_missing() => MistakeAsync(
        () => Api.DeleteAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation),
        "RouteNotFound", "spec.traffic.routes[0].name: ", "there is no HTTPRoute shop",
        () => ApplyAsync(Manifests.HttpRoute()));

    [Test]
    public Task Route_that_does_not_name_the_Service() => MistakeAsync(
        () => ApplyAsync(Manifests.HttpRoute("shop", "elsewhere")),
        "RouteDoesNotNameService", "spec.traffic.routes[0]: ", "sends nothing to Service",
        () => ApplyAsync(Manifests.HttpRoute()));

    [Test]
    public Task Route_whose_weights_cannot_be_split() => MistakeAsync(
        () => ApplyAsync(Manifests.HttpRoute("shop", ("shop", 3), ("legacy", 1))),
        "RouteCannotBeWeighted", "spec.traffic.routes[0]: ", "multiply every weight of the rule by",
        () => ApplyAsync(Manifests.HttpRoute()));

    [Test]
    public async Task New_version_waits_until_the_mistake_is_put_right()
    {
        await MistakeAsync(
            async () =>
            {
                await Api.DeleteAsync(ClusterPath.Services(Namespace, "shop"), Cancellation);
                await UntilRolloutAsync(rollout => rollout.Is("Stalled"), "the missing Service to be seen");
                await ApplyAsync(Rollout("v2"));
            },
            "ServiceNotFound", "spec.traffic.service: ", "create it",
            () => ApplyAsync(Manifests.Service()));
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count(pod => PodAnnotations.VersionOf(pod) == "v2" && pod.Label("app") == "shop") == 2, "the new version");
    }
}
