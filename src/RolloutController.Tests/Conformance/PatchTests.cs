using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>The kinds of patches that are no apply.</summary>
internal sealed class PatchTests : ConformanceTest
{
    private const string Labels = "{labels: {a: \"1\", b: \"2\"}, annotations: {\"example.com/path\": x} }";

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Merge_patch_sets_members_and_removes_those_that_are_null(Subject subject)
    {
        await LabelledAsync(subject);
        var path = subject.Path(Namespace, "shop");
        var written = (await PatchAsync(path, "{metadata: {labels: {a: null, c: \"3\", none: null} } }")).Is(200).Object;
        Assert.That(written.At("metadata.labels")!.ToJsonString(), Is.EqualTo("""{"b":"2","c":"3"}"""));
        written = (await PatchAsync(path, "{metadata: {labels: null} }")).Is(200).Object;
        Assert.That(written.At("metadata.labels"), Is.Null);
        Assert.That(written.Annotation("example.com/path"), Is.EqualTo("x"));
    }

    [Test]
    public async Task Merge_patch_replaces_lists()
    {
        await CreateAsync(Subject.HttpRoute);
        var written = (await PatchAsync(Subject.HttpRoute.Path(Namespace, "shop"), "{spec: {rules: [{backendRefs: [{name: other, port: 80, weight: 5}] }] } }")).Is(200).Object;
        Assert.That(written.Each("spec.rules.0.backendRefs").Select(backend => $"{backend.Text("name")} {backend.Text("weight")}"), Is.EqualTo(["other 5"]));
    }

    private static readonly TestCaseData[] Operations =
    [
        new("""[{"op": "add", "path": "/metadata/labels/c", "value": "3"}]""", """{"a":"1","b":"2","c":"3"}"""),
        new("""[{"op": "add", "path": "/metadata/labels/a", "value": "3"}]""", """{"a":"3","b":"2"}"""),
        new("""[{"op": "remove", "path": "/metadata/labels/a"}]""", """{"b":"2"}"""),
        new("""[{"op": "replace", "path": "/metadata/labels/a", "value": "3"}]""", """{"a":"3","b":"2"}"""),
        new("""[{"op": "replace", "path": "/metadata/labels", "value": {"c": "3"}}]""", """{"c":"3"}"""),
        new("""[{"op": "move", "from": "/metadata/labels/a", "path": "/metadata/labels/c"}]""", """{"b":"2","c":"1"}"""),
        new("""[{"op": "copy", "from": "/metadata/labels/a", "path": "/metadata/labels/c"}]""", """{"a":"1","b":"2","c":"1"}"""),
        new("""[{"op": "test", "path": "/metadata/annotations/example.com~1path", "value": "x"}, {"op": "remove", "path": "/metadata/labels/b"}]""", """{"a":"1"}"""),
    ];

    [TestCaseSource(nameof(Operations))]
    public async Task JSON_patch_carries_out_operations(string patch, string labels)
    {
        foreach (var subject in (Subject[])[Subject.ConfigMap, Subject.Rollout])
        {
            await LabelledAsync(subject);
            var written = (await PatchAsync(subject.Path(Namespace, "shop"), patch, JsonPatch)).Is(200).Object;
            Assert.That(JsonNode.DeepEquals(written.At("metadata.labels"), JsonNode.Parse(labels)), Is.True, $"{subject}: {written.At("metadata.labels")}");
        }
    }

    [TestCase("""[{"op": "remove", "path": "/metadata/labels/none"}]""", 422)]
    [TestCase("""[{"op": "add", "path": "/metadata/none/deep", "value": "x"}]""", 422)]
    [TestCase("""[{"op": "test", "path": "/metadata/labels/a", "value": "2"}]""", 422)]
    [TestCase("""[{"op": "move", "from": "/metadata/labels/none", "path": "/metadata/labels/c"}]""", 422)]
    [TestCase("""{"op": "remove", "path": "/metadata/labels/a"}""", 400)]
    [TestCase("""[{"op": "remove" """, 400)]
    public async Task JSON_patch_that_cannot_be_carried_out_is_refused_as_a_whole(string patch, int code)
    {
        foreach (var subject in (Subject[])[Subject.ConfigMap, Subject.Rollout])
        {
            var made = await LabelledAsync(subject);
            (await PatchAsync(subject.Path(Namespace, "shop"), patch, JsonPatch)).Refuses(code, code == 422 ? "Invalid" : "BadRequest");
            Assert.That((await GetAsync(subject.Path(Namespace, "shop"))).Version, Is.EqualTo(made.Text("metadata.resourceVersion")));
        }
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.Custom))]
    public async Task JSON_patch_replaces_only_what_is_there(Subject subject)
    {
        await LabelledAsync(subject);
        (await PatchAsync(subject.Path(Namespace, "shop"), """[{"op": "replace", "path": "/metadata/labels/none", "value": "x"}]""", JsonPatch)).Refuses(422, "Invalid");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Patch_of_an_unknown_type_is_refused(Subject subject)
    {
        await CreateAsync(subject);
        (await PatchAsync(subject.Path(Namespace, "shop"), "{metadata: {labels: {a: b} } }", "application/example+json")).Refuses(415, "UnsupportedMediaType");
        (await AskAsync(HttpMethod.Post, subject.Path(Namespace), subject.Written("other"), "text/plain")).Refuses(415, "UnsupportedMediaType");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.Custom))]
    public async Task Custom_resources_take_no_strategic_merge_patch(Subject subject)
    {
        await CreateAsync(subject);
        (await PatchAsync(subject.Path(Namespace, "shop"), subject.Change, Strategic)).Refuses(415, "UnsupportedMediaType");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Body_that_is_no_JSON_is_refused(Subject subject)
    {
        await CreateAsync(subject);
        (await PostAsync(subject.Path(Namespace), "{\"apiVersion\": ")).Refuses(400, "BadRequest");
        // A merge patch of a built-in kind was answered with 500 by Kubernetes 1.20.
        if (subject.CountsGenerations)
            (await PatchAsync(subject.Path(Namespace, "shop"), "{\"metadata\": ")).Refuses(400, "BadRequest");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Body_of_another_kind_is_refused(Subject subject)
    {
        var wrong = subject == Subject.ConfigMap ? Subject.Lease : Subject.ConfigMap;
        (await PostAsync(subject.Path(Namespace), wrong.Written("shop"))).Refuses(400, "BadRequest");
    }

    [Test]
    public async Task Strategic_merge_patch_merges_conditions_of_a_pod_by_type()
    {
        await CreateAsync(Subject.Pod);
        var path = $"{Subject.Pod.Path(Namespace, "shop")}/status";
        (await PatchAsync(path, "{status: {conditions: [{type: PodScheduled, status: \"True\"}, {type: Ready, status: \"False\", reason: ContainersNotReady}] } }", Strategic)).Is(200);
        var written = (await PatchAsync(path, "{status: {conditions: [{type: Ready, status: \"True\"}, {type: example.com/checked, status: \"True\"}] } }", Strategic)).Is(200).Object;

        Assert.That(written.Each("status.conditions").Select(condition => $"{condition.Text("type")}={condition.Text("status")}"),
            Is.EquivalentTo(["PodScheduled=True", "Ready=True", "example.com/checked=True"]));
        Assert.That(written.Condition("Ready").Text("reason"), Is.EqualTo("ContainersNotReady"), "members that are not named stay");
        written = (await PatchAsync(path, "{status: {conditions: [{$patch: delete, type: example.com/checked}] } }", Strategic)).Is(200).Object;
        Assert.That(written.Condition("example.com/checked"), Is.Null);
        Assert.That(written.Condition("Ready"), Is.Not.Null);
    }

    [Test]
    public async Task Strategic_merge_patch_merges_containers_by_name()
    {
        await CreateAsync(Manifests.Deployment(0, Manifests.Template("v1")));
        var path = ClusterPath.Deployments(Namespace, "shop");
        var written = (await PatchAsync(path, "{spec: {template: {spec: {containers: [{name: app, image: \"example/shop:v2\"}, {name: side, image: example/side}] } } } }", Strategic)).Is(200).Object;
        var containers = written.Each("spec.template.spec.containers").ToDictionary(container => container.Text("name")!);
        Assert.That(containers.Keys, Is.EquivalentTo(["app", "side"]));
        Assert.That(containers["app"].Text("image"), Is.EqualTo("example/shop:v2"));
        Assert.That(containers["app"].Text("ports.0.name"), Is.EqualTo("http"), "members that are not named stay");
        written = (await PatchAsync(path, "{spec: {template: {spec: {containers: [{name: side, $patch: delete}] } } } }", Strategic)).Is(200).Object;
        Assert.That(written.Each("spec.template.spec.containers").Select(container => container.Text("name")), Is.EqualTo(["app"]));
    }

    [Test]
    public async Task Strategic_merge_patch_merges_finalizers_and_owners_of_metadata()
    {
        (await PostAsync(Subject.ConfigMap.Path(Namespace), Subject.ConfigMap.Written("shop", "{finalizers: [example.com/a]}"))).Is(201);
        var path = Subject.ConfigMap.Path(Namespace, "shop");
        var written = (await PatchAsync(path, "{metadata: {finalizers: [example.com/b]} }", Strategic)).Is(200).Object;
        Assert.That(written.Each("metadata.finalizers").Select(item => item.ToString()), Is.EquivalentTo(["example.com/a", "example.com/b"]));
        written = (await PatchAsync(path, "{metadata: {$deleteFromPrimitiveList/finalizers: [example.com/a, example.com/b]} }", Strategic)).Is(200).Object;
        Assert.That(written.Each("metadata.finalizers"), Is.Empty);
    }

    private async Task<JsonObject> LabelledAsync(Subject subject) => (await PostAsync(subject.Path(Namespace), subject.Written("shop", Labels))).Is(201).Object;
}
