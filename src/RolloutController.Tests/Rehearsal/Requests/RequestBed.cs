using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Tests.Rehearsal.Requests;

/// <summary>The shop with a stable and a canary version behind a route, and requests to it.</summary>
internal sealed class RequestBed : IDisposable
{
    public static readonly ObjectKey Shop = new(Bed.Namespace, "shop");
    public static readonly ObjectKey Canary = new(Bed.Namespace, "shop-canary");

    private RequestBed(Bed bed, SimulatedGateway gateway, SimulatedRequests requests) => (Bed, Gateway, Requests) = (bed, gateway, requests);

    public Bed Bed { get; }

    public SimulatedGateway Gateway { get; }

    public SimulatedRequests Requests { get; }

    /// <summary>Lets two pods of <c>old</c> and one of <c>new</c> run, and 100 requests a second begin.</summary>
    /// <param name="bed">The bed.</param>
    /// <param name="weights">What the route gives the two Services.</param>
    /// <param name="serving">How pods serve.</param>
    /// <param name="change">Changes the stream.</param>
    public static async Task<RequestBed> StartAsync(Bed bed, (int Stable, int Canary) weights, Serving serving, Func<RequestStream, RequestStream>? change = null)
    {
        bed.Create("services", Service("shop", "old"));
        bed.Create("services", Service("shop-canary", "new"));
        bed.Create("replicasets", Set("old", 2));
        bed.Create("replicasets", Set("new", 1));
        bed.Create("httproutes", Route(weights));
        var gateway = new SimulatedGateway(bed.Cluster);
        bed.Start(gateway.RunAsync);
        await bed.UntilAsync(() => gateway.Routes.Count == 1 && bed.Pods.Count(pod => Cluster.JsonReading.IsServing(pod)) == 3, "the shop");
        // The slices follow the pods.
        await bed.PassAsync(TimeSpan.FromSeconds(1));
        var stream = new RequestStream(Shop) { CanaryService = Canary, Routes = [("httproutes", Shop)] };
        var requests = new SimulatedRequests(bed.Cluster, gateway, change?.Invoke(stream) ?? stream, serving, new Random(5));
        requests.Begin();
        return new RequestBed(bed, gateway, requests);
    }

    public RequestCounts Of(string revision) => Requests.Totals().Where(one => one.Revision == revision).Select(one => one.Counts)
        .FirstOrDefault() ?? new RequestCounts(0, 0, 0);

    /// <summary>Gives the route other weights, and waits until the proxies have them.</summary>
    public async Task WeighAsync(int stable, int canary)
    {
        Bed.Merge("httproutes", "shop", $"{{spec: {{rules: [{{backendRefs: [{{name: shop, port: 80, weight: {stable}}}, {{name: shop-canary, port: 80, weight: {canary}}}]}}]}}}}");
        var generation = Cluster.JsonReading.Number(Bed.Find("httproutes", "shop"), "metadata.generation");
        await Bed.UntilAsync(() => Gateway.Routes.Single().Generation == generation, "the weights to be in effect");
    }

    public void Dispose() => Requests.Dispose();

    private static string Service(string name, string revision) =>
        $"{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{selector: {{app: shop, pod-template-hash: {revision}}}, ports: [{{port: 80, targetPort: 8080}}]}}}}";

    private static string Set(string revision, int replicas) =>
        $$"""
        {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: shop-{{revision}} }, spec: {replicas: {{replicas}}, selector: {matchLabels: {app: shop, pod-template-hash: {{revision}} } },
         template: {metadata: {labels: {app: shop, pod-template-hash: {{revision}} } }, spec: {containers: [{name: app, image: 'example/shop:{{revision}}', ports: [{containerPort: 8080}]}]} } } }
        """;

    private static string Route((int Stable, int Canary) weights) =>
        $$"""
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: shop}, spec: {parentRefs: [{name: gateway}], rules: [{backendRefs:
         [{name: shop, port: 80, weight: {{weights.Stable}} }, {name: shop-canary, port: 80, weight: {{weights.Canary}} }]}]} }
        """;
}
