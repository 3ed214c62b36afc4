using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Cluster.Patching;
using RolloutController.Rehearsal.Schemas.BuiltIn;

namespace RolloutController.Tests.Rehearsal.Patching;

/// <summary>What becomes of fields that a manager no longer applies.</summary>
internal sealed class ServerSideApplyTests
{
    private static readonly ResourceTable Resources = new();

    [TestCase("""{"metadata": {"annotations": {"a": "1"}}}""", """{"metadata": {"annotations": {}}}""", null)]
    [TestCase("""{"metadata": {"annotations": {"a": "1"}}}""", """{"metadata": {}}""", null)]
    [TestCase("""{"metadata": {"annotations": {"a": "1", "b": "2"}}}""", """{"metadata": {"annotations": {"b": "2"}}}""", """{"b":"2"}""")]
    [TestCase("""{"metadata": {"annotations": {}}}""", """{"metadata": {}}""", null)]
    public void Annotation_that_is_left_out_goes(string first, string second, string? left) =>
        Assert.That(Applied(first, second)["metadata"]!["annotations"]?.ToJsonString(), Is.EqualTo(left));

    [Test]
    public void Annotation_of_another_manager_stays()
    {
        var live = new JsonObject();
        Apply(live, """{"metadata": {"annotations": {}}}""", "first");
        Apply(live, """{"metadata": {"annotations": {"b": "2"}}}""", "second");
        Apply(live, """{"metadata": {}}""", "first");
        Assert.That(live["metadata"]!["annotations"]!.ToJsonString(), Is.EqualTo("""{"b":"2"}"""));
    }

    [Test]
    public void Selector_is_replaced_as_a_whole() => Assert.That(
        Applied("""{"spec": {"selector": {"app": "a", "tier": "b"}}}""", """{"spec": {"selector": {"app": "c"}}}""")["spec"]!["selector"]!.ToJsonString(),
        Is.EqualTo("""{"app":"c"}"""));

    /// <summary>Kubernetes 1.20, beside which the conformance tests run, had no defaults of keys and answered with 500.</summary>
    [Test]
    public void Key_that_an_item_leaves_out_is_its_default()
    {
        var live = JsonNode.Parse("""{"spec": {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]}}""")!.AsObject();

        Apply(live, """{"spec": {"ports": [{"port": 80, "name": "http"}]}}""", "test");

        Assert.That(live["spec"]!["ports"]!.ToJsonString(), Is.EqualTo("""[{"port":80,"protocol":"TCP","targetPort":8080,"name":"http"}]"""));
        var (key, fields) = live["metadata"]!["managedFields"]![0]!["fieldsV1"]!["f:spec"]!["f:ports"]!.AsObject().Single();
        Assert.That(key, Is.EqualTo("""k:{"port":80,"protocol":"TCP"}"""));
        Assert.That(fields!.AsObject().Select(field => field.Key), Is.EquivalentTo([".", "f:port", "f:name"]), "what it did not write is not its own");
    }

    private static JsonObject Applied(string first, string second)
    {
        var live = new JsonObject();
        Apply(live, first, "test");
        Apply(live, second, "test");
        return live;
    }

    private static void Apply(JsonObject live, string applied, string manager)
    {
        var services = Resources.OfKind("v1", "Service")!;
        ServerSideApply.Apply(live, JsonNode.Parse(applied)!.AsObject(), services with { Rules = BuiltInRules.Of(services) }, null, new WriteOptions { FieldManager = manager, Force = true }, "2026-01-02T03:04:05Z");
    }
}
