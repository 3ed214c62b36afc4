using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>Routes of other shapes than one rule with one backend.</summary>
internal sealed class RouteKindTests : ControllerTest
{
    private const string Shared =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: gateway}]
          rules:
            - matches: [{path: {type: PathPrefix, value: /new}}]
              backendRefs: [{name: shop, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /shared}}]
              backendRefs: [{name: shop, port: 80, weight: 80}, {name: legacy, port: 80, weight: 20}]
            - matches: [{path: {type: PathPrefix, value: /old}}]
              backendRefs: [{name: legacy, port: 80}]
        """;

    [Test]
    public async Task GrpcRoute_is_weighted_as_an_HttpRoute_is()
    {
        var routes = await RecordAsync(ClusterPath.GrpcRoutes(Namespace));
        await ApplyAsync(Manifests.HttpRoute().Replace("kind: HTTPRoute", "kind: GRPCRoute", StringComparison.Ordinal));
        var rollout = Rollout("v1") with { RouteKind = "GRPCRoute", Weights = [25, 100] };
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(rollout);
        await UntilHealthyAsync();

        await ReplaceAsync(rollout);

        Assert.That(routes.Course("shop", route => RouteShares.Percent(route, "shop-canary")), Is.EqualTo([0, 25, 100, 0]));
        Assert.That(Spec(routes.Versions("shop")[^1]), Is.EqualTo(Spec(routes.Versions("shop")[0])));
    }

    [Test]
    public async Task Rules_that_other_backends_share_keep_the_share_of_those()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        await ApplyAsync(Manifests.Service("legacy"));
        await ApplyAsync(Shared);
        var rollout = Rollout("v1") with { Weights = [5, 25, 100] };
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(rollout);
        await UntilHealthyAsync();

        await ReplaceAsync(rollout);

        Assert.That(routes.Course("shop", route => RouteShares.Percent(route, "shop-canary", 0)), Is.EqualTo([0, 5, 25, 100, 0]));
        Assert.That(routes.Course("shop", route => Math.Round(RouteShares.Percent(route, "shop-canary", 1), 6)), Is.EqualTo([0, 4, 20, 80, 0]));
        Assert.That(routes.Course("shop", route => Math.Round(RouteShares.Percent(route, "legacy", 1), 6)), Is.EqualTo([20]));
        Assert.That(routes.Course("shop", route => route.At("spec.rules.2")!.ToJsonString()), Has.Count.EqualTo(1));
        Assert.That(Spec(routes.Versions("shop")[^1]), Is.EqualTo(Spec(routes.Versions("shop")[0])));
    }

    [Test]
    public async Task Two_routes_move_together()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        await ApplyAsync(Manifests.HttpRoute("inside", "shop"));
        var rollout = Rollout("v1") with { HttpRoutes = ["shop", "inside"], Weights = [25, 100] };
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await ApplyAsync(rollout);
        await UntilHealthyAsync();

        await ReplaceAsync(rollout);

        foreach (var name in rollout.HttpRoutes)
            Assert.That(routes.Course(name, route => RouteShares.Percent(route, "shop-canary")), Is.EqualTo([0, 25, 100, 0]), name);
    }

    private async Task ReplaceAsync(RolloutBuilder rollout)
    {
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilRolloutAsync(item => item.Text("status.state.name") == "Progressing", "a rollout");
        await UntilHealthyAsync();
        await UntilPodsAsync(("v2", 2));
    }

    private static string Spec(JsonObject route) => route.At("spec")!.ToJsonString();
}
