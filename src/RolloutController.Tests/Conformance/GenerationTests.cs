using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary><c>metadata.generation</c> counts what is wanted, and status and spec are written apart.</summary>
internal sealed class GenerationTests : ConformanceTest
{
    [TestCaseSource(typeof(Subject), nameof(Subject.Custom))]
    public async Task Generation_counts_changes_of_what_is_wanted_alone(Subject subject)
    {
        await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        Assert.That(await AfterAsync(path, "{metadata: {labels: {a: b}, annotations: {a: b}, finalizers: [example.com/hold] } }"), Is.EqualTo(1), "metadata");
        Assert.That(await AfterAsync($"{path}/status", subject.Status!), Is.EqualTo(1), "status");
        Assert.That(await AfterAsync(path, subject.Status!), Is.EqualTo(1), "status where it is not taken");
        Assert.That(await AfterAsync(path, subject.Change), Is.EqualTo(2), "spec");
        Assert.That(await AfterAsync(path, subject.Change), Is.EqualTo(2), "the same spec");
        Assert.That(await AfterAsync(path, "{metadata: {generation: 9} }"), Is.EqualTo(2), "the generation itself");
        (await DeleteAsync(path)).Is(200);
        Assert.That((await GetAsync(path)).Object.Number("metadata.generation"), Is.EqualTo(3), "deletion");
        Assert.That(await AfterAsync(path, "{metadata: {labels: {a: c} } }"), Is.EqualTo(3), "metadata of what is deleted");
        (await PatchAsync(path, "{metadata: {finalizers: null} }")).Is(200);
    }

    [TestCase("Deployment")]
    [TestCase("ReplicaSet")]
    public async Task Generation_of_workloads_counts_changes_of_what_is_wanted_alone(string kind)
    {
        var made = await CreateAsync(Manifests.Deployment(0, Manifests.Template("v1")).Replace("Deployment", kind, StringComparison.Ordinal));
        Assert.That(made.Number("metadata.generation"), Is.EqualTo(1));
        var path = ClusterPath.Of(made, Namespace);
        await UntilAsync(path, item => item.Number("status.observedGeneration") == 1, "its controller to see it");

        Assert.That(await AfterAsync(path, "{metadata: {labels: {a: b} } }"), Is.EqualTo(1), "labels");
        Assert.That(await AfterAsync($"{path}/status", "{status: {conditions: [{type: Example, status: \"True\"}] } }"), Is.EqualTo(1), "status");
        Assert.That(await AfterAsync(path, "{spec: {minReadySeconds: 1} }"), Is.EqualTo(2), "spec");
        Assert.That(await AfterAsync(path, "{spec: {minReadySeconds: 1} }"), Is.EqualTo(2), "the same spec");
        Assert.That(await AfterAsync(path, "{spec: {template: {metadata: {annotations: {a: b} } } } }"), Is.EqualTo(3), "template");
        await UntilAsync(path, item => item.Number("status.observedGeneration") == 3, "its controller to see that");
        // A Deployment hands its annotations down, so they count there.
        Assert.That(await AfterAsync(path, "{metadata: {annotations: {a: b} } }"), Is.EqualTo(kind == "Deployment" ? 4 : 3), "annotations");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.WithStatus))]
    public async Task Status_is_written_by_its_subresource_alone(Subject subject)
    {
        var made = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");

        var written = (await PatchAsync(path, subject.Status!)).Is(200);
        Assert.That(written.Object.Text(subject.Reported), Is.Null);
        // Kubernetes 1.20 notes for built-in kinds that somebody tried.
        if (subject.CountsGenerations)
            Assert.That(written.Version, Is.EqualTo(made.Text("metadata.resourceVersion")), "nothing was written");

        var reported = (await PatchAsync($"{path}/status", subject.Status!)).Is(200).Object;
        Assert.That(reported.Text(subject.Reported), Is.Not.Null.And.Not.Empty);
        var without = reported.DeepClone().AsObject();
        without.Remove("status");
        Assert.That((await PutAsync(path, without)).Is(200).Object.Text(subject.Reported), Is.EqualTo(reported.Text(subject.Reported)));
        Assert.That((await GetAsync($"{path}/status")).Is(200).Object.Text(subject.Reported), Is.EqualTo(reported.Text(subject.Reported)));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.WithStatus))]
    public async Task Subresource_of_the_status_writes_nothing_else(Subject subject)
    {
        var made = await CreateAsync(subject);
        var path = $"{subject.Path(Namespace, "shop")}/status";
        var both = Yaml.Parse(subject.Change);
        both["status"] = Yaml.Parse(subject.Status!)["status"]!.DeepClone();

        var written = (await PatchAsync(path, both.ToJsonString())).Is(200).Object;
        Assert.That(written.Text(subject.Changed), Is.EqualTo(made.Text(subject.Changed)));
        Assert.That(written.Text(subject.Reported), Is.Not.Null.And.Not.Empty);
        Assert.That(JsonNode.DeepEquals(written["spec"], made["spec"]), Is.True);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.Custom))]
    public async Task Subresource_of_the_status_of_a_custom_resource_writes_no_metadata(Subject subject)
    {
        await CreateAsync(subject);
        var path = $"{subject.Path(Namespace, "shop")}/status";
        var written = (await PatchAsync(path, "{metadata: {labels: {a: b}, annotations: {a: b}, finalizers: [example.com/hold] } }")).Is(200).Object;
        Assert.That(written.Label("a"), Is.Null);
        Assert.That(written.Annotation("a"), Is.Null);
        Assert.That(written.Each("metadata.finalizers"), Is.Empty);
    }

    [Test]
    public async Task Subresource_of_the_status_of_a_pod_takes_annotations()
    {
        await CreateAsync(Subject.Pod);
        var written = (await PatchAsync($"{Subject.Pod.Path(Namespace, "shop")}/status", "{metadata: {annotations: {a: b} } }")).Is(200).Object;
        Assert.That(written.Annotation("a"), Is.EqualTo("b"));
    }

    [Test]
    public async Task Subresource_of_the_status_of_a_Deployment_takes_annotations_uncounted()
    {
        await CreateAsync(Manifests.Deployment(0, Manifests.Template("v1")));
        var written = (await PatchAsync($"{ClusterPath.Deployments(Namespace, "shop")}/status", "{metadata: {labels: {a: b}, annotations: {a: b} } }")).Is(200).Object;
        Assert.That(written.Annotation("a"), Is.EqualTo("b"));
        Assert.That(written.Label("a"), Is.Null);
        Assert.That(written.Number("metadata.generation"), Is.EqualTo(1));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.Custom))]
    public async Task Status_is_judged_by_the_schema(Subject subject)
    {
        await CreateAsync(subject);
        var path = $"{subject.Path(Namespace, "shop")}/status";
        var wrong = subject.Kind == "Rollout" ? "{status: {weight: 101} }" : "{status: {parents: [{controllerName: example.com/gateway}] } }";
        (await PatchAsync(path, wrong)).Refuses(422, "Invalid");
        Assert.That((await GetAsync(path)).Object.Text(subject.Reported), Is.Null);
    }

    private async Task<long> AfterAsync(string path, string patch) => (await PatchAsync(path, patch)).Is(200).Object.Number("metadata.generation");
}
