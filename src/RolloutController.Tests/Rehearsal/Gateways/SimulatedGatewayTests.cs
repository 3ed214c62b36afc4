using System.Text.Json;
using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Tests.Cluster;
using RolloutController.Traffic;
using RouteAnswer = RolloutController.Rehearsal.Gateways.RouteAnswer;

namespace RolloutController.Tests.Rehearsal.Gateways;

internal sealed class SimulatedGatewayTests
{
    [TestCase("httproutes", "HTTPRoute")]
    [TestCase("grpcroutes", "GRPCRoute")]
    public void Route_is_accepted_after_a_while_and_served_a_little_later(string plural, string kind) => Bed.Run(async bed =>
    {
        var gateway = Start(bed);
        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
        var start = bed.Clock.GetUtcNow();
        bed.Create(plural, Route("{name: shop, port: 80}", kind));

        await bed.UntilAsync(() => Judge(bed, plural, kind) is RouteAcceptance.Accepted, "the answer");
        Assert.That((bed.Clock.GetUtcNow() - start).TotalSeconds, Is.EqualTo(2).Within(0.2));
        Assert.That(gateway.Routes, Is.Empty);

        await bed.UntilAsync(() => gateway.Routes.Count > 0, "the route to be in effect");
        Assert.That((bed.Clock.GetUtcNow() - start).TotalSeconds, Is.EqualTo(7).Within(0.2));
        var backend = gateway.Routes.Single().Rules.Single().Single();
        Assert.That((backend.Service, backend.Port, backend.Weight), Is.EqualTo((new ObjectKey(Bed.Namespace, "shop"), 80, 1)));
    });

    [Test]
    public void Proxies_serve_the_generation_before_until_they_have_the_new_one() => Bed.Run(async bed =>
    {
        var gateway = Start(bed);
        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
        bed.Create("httproutes", Route("{name: shop, port: 80, weight: 1}"));
        await bed.UntilAsync(() => gateway.Routes.Count > 0, "the route to be in effect");

        bed.Merge("httproutes", "shop", "{spec: {rules: [{backendRefs: [{name: shop, port: 80, weight: 7}]}]}}");
        Assert.That(Judge(bed), Is.InstanceOf<RouteAcceptance.Pending>());
        await bed.UntilAsync(() => Judge(bed) is RouteAcceptance.Accepted, "the answer");

        Assert.That(Weight(gateway), Is.EqualTo(1));
        await bed.UntilAsync(() => Weight(gateway) == 7, "the new weight");
        Assert.That(gateway.Routes.Single().Generation, Is.EqualTo(2));

        bed.Cluster.Delete("httproutes", Bed.Namespace, "shop");
        await bed.UntilAsync(() => gateway.Routes.Count == 0, "the route to go");
    });

    [Test]
    public void Change_just_before_the_last_one_is_served_is_answered_as_well() => Bed.Run(async bed =>
    {
        var gateway = Start(bed);
        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
        bed.Create("httproutes", Route("{name: shop, port: 80, weight: 1}"));
        await bed.UntilAsync(() => Judge(bed) is RouteAcceptance.Accepted, "the answer");
        await bed.PassAsync(gateway.PropagationDelay - (gateway.AcceptanceDelay / 2));

        bed.Merge("httproutes", "shop", "{spec: {rules: [{backendRefs: [{name: shop, port: 80, weight: 7}]}]}}");

        await bed.UntilAsync(() => Judge(bed) is RouteAcceptance.Accepted, "the second answer");
        await bed.UntilAsync(() => Weight(gateway) == 7, "the new weight");
    });

    [Test]
    public void Missing_Service_is_told_until_it_is_there() => Bed.Run(async bed =>
    {
        Start(bed);
        bed.Create("httproutes", Route("{name: shop, port: 80}"));

        await bed.UntilAsync(() => Judge(bed) is RouteAcceptance.Refused, "the answer");
        Assert.That(((RouteAcceptance.Refused)Judge(bed)).Message, Does.Contain("BackendNotFound").And.Contain("shop not found"));

        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
        await bed.UntilAsync(() => Judge(bed) is RouteAcceptance.Accepted, "another answer");
    });

    [Test]
    public void Gateway_can_refuse_or_say_nothing_and_serves_on_what_it_had() => Bed.Run(async bed =>
    {
        var gateway = Start(bed);
        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
        bed.Create("httproutes", Route("{name: shop, port: 80, weight: 1}"));
        await bed.UntilAsync(() => gateway.Routes.Count > 0, "the route to be in effect");

        gateway.Answer = _ => RouteAnswer.Refuse;
        bed.Merge("httproutes", "shop", "{spec: {rules: [{backendRefs: [{name: shop, port: 80, weight: 2}]}]}}");
        await bed.UntilAsync(() => Judge(bed) is RouteAcceptance.Refused, "the refusal");

        gateway.Answer = _ => RouteAnswer.Ignore;
        bed.Merge("httproutes", "shop", "{spec: {rules: [{backendRefs: [{name: shop, port: 80, weight: 3}]}]}}");
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        Assert.That(Judge(bed), Is.InstanceOf<RouteAcceptance.Pending>());
        Assert.That(Weight(gateway), Is.EqualTo(1));
    });

    [Test]
    public void Answers_of_other_gateways_stay() => Bed.Run(async bed =>
    {
        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
        bed.Create("httproutes", Route("{name: shop, port: 80}"));
        bed.Merge("httproutes", "shop", "{status: {parents: [{parentRef: {name: gateway}, controllerName: example.com/other, conditions: [{type: Accepted, status: 'True', reason: Accepted, message: fine, lastTransitionTime: '2026-01-02T03:04:05Z'}]}]}}", "status");
        Start(bed);

        await bed.UntilAsync(() => bed.Find("httproutes", "shop").Each("status.parents").Count() == 2, "the answer");

        Assert.That(bed.Find("httproutes", "shop").Each("status.parents").Select(parent => parent.Text("controllerName")), Is.EqualTo(["example.com/other", SimulatedGateway.Name]));
    });

    private static SimulatedGateway Start(Bed bed)
    {
        var gateway = new SimulatedGateway(bed.Cluster) { AcceptanceDelay = TimeSpan.FromSeconds(2), PropagationDelay = TimeSpan.FromSeconds(5) };
        bed.Start(gateway.RunAsync);
        return gateway;
    }

    private static int Weight(SimulatedGateway gateway) => gateway.Routes.Single().Rules.Single().Single().Weight;

    /// <summary>What the controller makes of the status.</summary>
    private static RouteAcceptance Judge(Bed bed, string plural = "httproutes", string kind = "HTTPRoute") => RouteAcceptance.Of(JsonSerializer.Deserialize(
        bed.Find(plural, "shop")!.ToJsonString(), GatewayRoutes.Of(kind).TypeInfo)!);

    private static string Route(string backend, string kind = "HTTPRoute") =>
        $"{{apiVersion: gateway.networking.k8s.io/v1, kind: {kind}, metadata: {{name: shop}}, spec: {{parentRefs: [{{name: gateway}}], rules: [{{backendRefs: [{backend}]}}]}}}}";
}
