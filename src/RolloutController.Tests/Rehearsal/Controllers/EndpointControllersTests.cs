using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Pods;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Controllers;

internal sealed class EndpointControllersTests
{
    private static readonly PodScript Lingering = Bed.Quick with { Stop = TimeSpan.FromSeconds(20) };

    [Test]
    public void Ready_pods_are_listed_with_their_ports_and_who_they_are() => Bed.Run(async bed =>
    {
        bed.Create("services", Service("targetPort: http"));
        var pod = bed.Create("pods", Pod("shop-a"));
        await bed.UntilAsync(() => Ready(bed).Any(), "an endpoint");

        var slice = bed.List("endpointslices").Single();
        Assert.That((slice.Label("kubernetes.io/service-name"), slice.Text("addressType")), Is.EqualTo(("shop", "IPv4")));
        Assert.That(slice.At("ports.0")!.ToJsonString(), Is.EqualTo("""{"name":"web","protocol":"TCP","port":8080}"""));
        var endpoint = slice.At("endpoints.0");
        Assert.That(endpoint.Text("addresses.0"), Is.EqualTo(bed.Find("pods", "shop-a").Text("status.podIP")).And.StartsWith("10.244."));
        Assert.That((endpoint.Text("targetRef.name"), endpoint.Text("targetRef.uid")), Is.EqualTo(("shop-a", pod.Uid)));
        Assert.That(Conditions(endpoint), Is.EqualTo((true, true, false)));
        var older = bed.Find("endpoints", "shop");
        Assert.That((older.Text("subsets.0.addresses.0.targetRef.uid"), older.Number("subsets.0.ports.0.port")), Is.EqualTo((pod.Uid, 8080)));
    });

    [Test]
    public void Pod_that_is_asked_to_go_is_unready_at_once_and_serves_on_until_it_is_gone() => Bed.Run(
        async bed =>
        {
            bed.Create("services", Service("targetPort: 8080"));
            bed.Create("pods", Pod("shop-a"));
            await bed.UntilAsync(() => Ready(bed).Any(), "an endpoint");

            bed.Cluster.Delete("pods", Bed.Namespace, "shop-a");

            await bed.UntilAsync(() => !Ready(bed).Any(), "the endpoint to be unready");
            Assert.That(Conditions(Endpoints(bed).Single()), Is.EqualTo((false, true, true)));
            Assert.That(bed.Find("endpoints", "shop").Each("subsets"), Is.Empty);
            await bed.UntilAsync(() => !Endpoints(bed).Any(), "the endpoint to go");
            Assert.That(bed.Find("pods", "shop-a"), Is.Null);
            Assert.That(bed.List("endpointslices"), Has.Count.EqualTo(1), "an empty slice tells that there is none");
        },
        _ => Lingering);

    [Test]
    public void Unready_pod_is_listed_as_such() => Bed.Run(
        async bed =>
        {
            bed.Create("services", Service("targetPort: 8080"));
            bed.Create("pods", Pod("shop-a"));

            await bed.UntilAsync(() => Endpoints(bed).Any(), "an endpoint");

            Assert.That(Conditions(Endpoints(bed).Single()), Is.EqualTo((false, false, false)));
            Assert.That(bed.Find("endpoints", "shop").Text("subsets.0.notReadyAddresses.0.targetRef.name"), Is.EqualTo("shop-a"));
        },
        _ => Bed.Quick with { Conduct = PodConduct.Unready });

    [Test]
    public void Selector_of_a_Service_decides_when_it_changes() => Bed.Run(async bed =>
    {
        bed.Create("services", Service("targetPort: 8080"));
        bed.Create("pods", Pod("shop-a", "v1"));
        bed.Create("pods", Pod("shop-b", "v2"));
        await bed.UntilAsync(() => Ready(bed).Count() == 2, "two endpoints");

        bed.Merge("services", "shop", "{spec: {selector: {version: v2}}}");

        await bed.UntilAsync(() => Ready(bed).Count() == 1, "one endpoint");
        Assert.That(Ready(bed).Single().Text("targetRef.name"), Is.EqualTo("shop-b"));
    });

    [Test]
    public void Many_pods_take_several_slices() => Bed.Run(async bed =>
    {
        bed.Create("services", Service("targetPort: 8080"));
        for (var i = 0; i < 130; i++)
            bed.Create("pods", Pod($"shop-{i}"));

        await bed.UntilAsync(() => Ready(bed).Count() == 130, "all endpoints");

        Assert.That(bed.List("endpointslices").Select(slice => slice.Each("endpoints").Count()), Is.EquivalentTo([100, 30]));
        Assert.That(Ready(bed).Select(endpoint => endpoint.Text("addresses.0")), Is.Unique);
    });

    [Test]
    public void Slices_and_endpoints_go_with_their_Service() => Bed.Run(async bed =>
    {
        bed.Create("services", Service("targetPort: 8080"));
        await bed.UntilAsync(() => bed.List("endpointslices").Count == 1 && bed.List("endpoints").Count == 1, "empty lists");

        bed.Cluster.Delete("services", Bed.Namespace, "shop");

        await bed.UntilAsync(() => bed.List("endpointslices").Count == 0 && bed.List("endpoints").Count == 0, "the lists to go");
    });

    private static IEnumerable<JsonNode> Endpoints(Bed bed) => bed.List("endpointslices").SelectMany(slice => slice.Each("endpoints"));

    private static IEnumerable<JsonNode> Ready(Bed bed) => Endpoints(bed).Where(endpoint => endpoint.Flag("conditions.ready"));

    private static (bool Ready, bool Serving, bool Terminating) Conditions(JsonNode? endpoint) =>
        (endpoint.Flag("conditions.ready"), endpoint.Flag("conditions.serving"), endpoint.Flag("conditions.terminating"));

    private static string Service(string target) =>
        $"{{apiVersion: v1, kind: Service, metadata: {{name: shop}}, spec: {{selector: {{app: shop}}, ports: [{{name: web, port: 80, {target}}}]}}}}";

    private static string Pod(string name, string version = "v1") =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{app: shop, version: {version}}}}}, spec: {{containers: [{{name: app, image: 'example/shop:{version}', ports: [{{name: http, containerPort: 8080}}]}}]}}}}";
}
