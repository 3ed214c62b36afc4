using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Events and leases.</summary>
internal sealed class EventTests : ConformanceTest
{
    private string Events => $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events";

    private string Event => $$"""
        {apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: shop.1}, eventTime: "2026-01-01T00:00:00.000001Z", type: Warning,
         reason: RolledBack, action: RollBack, note: "too many errors", reportingController: rollouts.dev/controller, reportingInstance: one,
         regarding: {apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: shop, namespace: {{Namespace}}, uid: "1234"} }
        """;

    [Test]
    public async Task Event_of_the_newer_API_is_read_in_the_core_one()
    {
        var made = (await PostAsync(Events, Event.ReplaceLineEndings(" "))).Is(201).Object;
        Assert.That(made.Text("note"), Is.EqualTo("too many errors"));
        Assert.That(made.Text("regarding.name"), Is.EqualTo("shop"));

        var core = (await GetAsync(ClusterPath.Events(Namespace, "shop.1"))).Is(200).Object;
        Assert.That(core.Text("apiVersion"), Is.EqualTo("v1"));
        Assert.That(core.Text("message"), Is.EqualTo("too many errors"));
        Assert.That(core.Text("reason"), Is.EqualTo("RolledBack"));
        Assert.That(core.Text("type"), Is.EqualTo("Warning"));
        Assert.That(core.Text("involvedObject.kind"), Is.EqualTo("Rollout"));
        Assert.That(core.Text("reportingComponent"), Is.EqualTo("rollouts.dev/controller"));
        Assert.That(core.Text("eventTime"), Is.EqualTo("2026-01-01T00:00:00.000001Z"));
        Assert.That(core.At("note"), Is.Null);
        var list = (await GetAsync($"{ClusterPath.Events(Namespace)}?fieldSelector=involvedObject.name%3Dshop,type%3DWarning")).Is(200).Object;
        Assert.That(list.Each("items").Select(item => item.Name()), Is.EqualTo(["shop.1"]));
    }

    [Test]
    public async Task Series_of_an_event_is_patched()
    {
        (await PostAsync(Events, Event.ReplaceLineEndings(" "))).Is(201);
        var changed = (await PatchAsync($"{Events}/shop.1", "{series: {count: 2, lastObservedTime: \"2026-01-01T00:01:00.000000Z\"} }")).Is(200).Object;
        Assert.That(changed.Number("series.count"), Is.EqualTo(2));
        Assert.That(changed.Text("note"), Is.EqualTo("too many errors"));
        Assert.That((await GetAsync(ClusterPath.Events(Namespace, "shop.1"))).Object.Number("series.count"), Is.EqualTo(2));
    }

    [Test]
    public async Task Lease_keeps_microseconds_and_goes_to_one_of_two()
    {
        var path = ClusterPath.Leases(Namespace, "leader");
        (await PostAsync(ClusterPath.Leases(Namespace),
            "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: leader}, spec: {holderIdentity: one, leaseDurationSeconds: 15, renewTime: \"2026-01-01T00:00:00.123456Z\", leaseTransitions: 0} }")).Is(201);
        var read = (await GetAsync(path)).Is(200);
        Assert.That(read.Object.Text("spec.renewTime"), Is.EqualTo("2026-01-01T00:00:00.123456Z"));

        var (first, second) = (read.Object, read.Object);
        first["spec"]!["holderIdentity"] = "two";
        second["spec"]!["holderIdentity"] = "three";
        var answers = await Task.WhenAll(PutAsync(path, first), PutAsync(path, second));
        Assert.That(answers.Select(answer => answer.Code), Is.EquivalentTo([200, 409]));
        (await PatchAsync(path, "{spec: {leaseDurationSeconds: 0} }")).Refuses(422, "Invalid");
    }
}
