using System.Globalization;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>
/// Everything that was ever committed about the Rollouts of a namespace and what they touch, and the laws that hold for all of it. All
/// kinds live in one etcd, whose revision is the resourceVersion, so versions of different objects have one order.
/// </summary>
internal sealed class RolloutTrace : IAsyncDisposable
{
    private const string PinKey = "pod-template-hash";

    private static readonly string[] s_inFlight = ["Progressing", "Promoting", "RollingBack"];

    private readonly ObjectHistory[] _all;

    private RolloutTrace(ObjectHistory[] all) => _all = all;

    /// <summary>The Rollouts.</summary>
    public ObjectHistory Rollouts => _all[0];

    /// <summary>The HTTPRoutes.</summary>
    public ObjectHistory Routes => _all[1];

    /// <summary>The Services.</summary>
    public ObjectHistory Services => _all[2];

    /// <summary>The endpoint slices.</summary>
    public ObjectHistory EndpointSlices => _all[3];

    /// <summary>The pods.</summary>
    public ObjectHistory Pods => _all[4];

    public static async Task<RolloutTrace> StartAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken)
    {
        string[] collections = [
            ClusterPath.Rollouts(@namespace), ClusterPath.HttpRoutes(@namespace), ClusterPath.Services(@namespace),
            ClusterPath.EndpointSlices(@namespace), ClusterPath.Pods(@namespace)];
        return new RolloutTrace(await Task.WhenAll(collections.Select(collection => ObjectHistory.StartAsync(api, collection, cancellationToken))));
    }

    /// <summary>The place of a version among all versions of all objects.</summary>
    public static long Revision(JsonNode version) => version.Number("metadata.resourceVersion");

    /// <summary>A version as it was committed last at or before a revision; null where the object was not there.</summary>
    public static JsonObject? At(ObjectHistory history, string name, long revision) =>
        history.Events.LastOrDefault(change => change.Object.Name() == name && Revision(change.Object) <= revision) is { Type: not "DELETED" } last ? last.Object : null;

    /// <summary>The percentages of traffic that a route gave the canary one after the other.</summary>
    public IReadOnlyList<int> Weights(string route = "shop") => Routes.Course(route, version => CanaryPercent(version, route));

    /// <summary>The versions of a route that somebody wrote; what a gateway says of them is left out.</summary>
    public IEnumerable<JsonObject> Written(string route = "shop") =>
        Routes.Versions(route).GroupBy(version => version.Number("metadata.generation")).Select(versions => versions.First());

    /// <summary>The first version of a Rollout that meets a condition, of those committed after a revision; null where there is none.</summary>
    public JsonObject? First(Func<JsonObject, bool> condition, string rollout = "shop", long after = 0) =>
        Rollouts.Versions(rollout).FirstOrDefault(version => Revision(version) > after && condition(version));

    /// <summary>Checks what holds for every rollout, however it ends.</summary>
    /// <param name="name">The Rollout; its Service and route have the same name.</param>
    public void AssertLaws(string name)
    {
        foreach (var route in Written(name).Where(route => CanaryPercent(route, name) > 0))
        {
            AssertServed(name, route);
            AssertInFlight(name, route, "the route names the canary");
        }
        foreach (var service in Services.Versions(name).Where(service => Pin(service) is not null))
            AssertInFlight(name, service, "the Service is pinned");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var history in _all)
            await history.DisposeAsync();
    }

    /// <summary>The revision that a Service is pinned to; null for none.</summary>
    public static string? Pin(JsonObject service) => (service.At("spec.selector") as JsonObject)?[PinKey]?.ToString();

    /// <summary>Whether a Rollout is between two versions.</summary>
    public static bool IsInFlight(JsonNode rollout) => s_inFlight.Contains(rollout.Text("status.state.name"));

    /// <summary>Checks that weights follow the steps, and that the only way down is to nothing.</summary>
    /// <param name="name">The Rollout; its route has the same name.</param>
    /// <param name="steps">The weights of its steps.</param>
    public void AssertWeightsClimb(string name, IReadOnlyCollection<int> steps)
    {
        var course = Weights(name);
        var text = string.Join(", ", course);
        foreach (var (before, after) in course.Zip(course.Skip(1)))
        {
            Assert.That(after == 0 || after > before, Is.True, $"weights fall to 0 only: {text}");
            Assert.That(after == 0 || steps.Contains(after), Is.True, $"weights are those of the steps: {text}");
        }
    }

    private static int CanaryPercent(JsonObject route, string name) => (int)Math.Round(RouteShares.Percent(route, $"{name}-canary"));

    /// <summary>A weight is committed only where a ready endpoint of the version that is meant stands behind it.</summary>
    private void AssertServed(string name, JsonObject route)
    {
        var canary = At(Services, $"{name}-canary", Revision(route));
        var revision = canary is null ? null : Pin(canary);
        var serving = EndpointSlices.Events.Select(change => change.Object.Name()).Distinct()
            .Select(slice => At(EndpointSlices, slice, Revision(route)))
            .Where(slice => slice.Label("kubernetes.io/service-name") == $"{name}-canary")
            .SelectMany(slice => slice.Each("endpoints"))
            .Where(endpoint => endpoint.Text("conditions.ready") != "false")
            .Select(endpoint => endpoint.Text("targetRef.name") ?? "");
        Assert.That(revision, Is.Not.Null, Describe("there is no canary Service", route));
        Assert.That(serving.Any(pod => pod.Contains($"-{revision}-", StringComparison.Ordinal)), Is.True, Describe("no ready endpoint is behind the weight", route));
    }

    private void AssertInFlight(string name, JsonObject changed, string what)
    {
        var rollout = At(Rollouts, name, Revision(changed));
        Assert.That(rollout is not null && IsInFlight(rollout) && rollout.Each("metadata.finalizers").Any(), Is.True,
            Describe($"{what}, but no rollout is under way and answers for it ({rollout.Text("status.state.name")})", changed));
    }

    private static string Describe(string what, JsonObject version) =>
        string.Create(CultureInfo.InvariantCulture, $"at {Revision(version)}: {what}\n{WaitFor.Describe(version)}");
}
