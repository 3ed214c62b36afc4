using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Deleting objects, and those who have to let go of them first.</summary>
internal sealed class DeletionTests : ConformanceTest
{
    private const string Held = "{finalizers: [example.com/first, example.com/second]}";

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Object_that_nobody_holds_is_gone_at_once(Subject subject)
    {
        await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        (await DeleteAsync(path)).Is(200);
        (await GetAsync(path)).Refuses(404, "NotFound");
        var again = await CreateAsync(subject);
        Assert.That(again.Name(), Is.EqualTo("shop"), "the name is free again");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Finalizers_hold_an_object_until_the_last_is_removed(Subject subject)
    {
        (await PostAsync(subject.Path(Namespace), subject.Written("shop", Held))).Is(201);
        var path = subject.Path(Namespace, "shop");

        var marked = await MarkAsync(subject, path);
        Assert.That(marked.Text("metadata.deletionTimestamp"), Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"));
        Assert.That(marked.At("metadata.deletionGracePeriodSeconds"), Is.Not.Null);
        var again = await MarkAsync(subject, path);
        Assert.That(again.Text("metadata.deletionTimestamp"), Is.EqualTo(marked.Text("metadata.deletionTimestamp")));
        Assert.That(again.Text("metadata.resourceVersion"), Is.EqualTo(marked.Text("metadata.resourceVersion")), "the second deletion changes nothing");

        (await PatchAsync(path, "{metadata: {finalizers: [example.com/second]} }")).Is(200);
        Assert.That((await GetAsync(path)).Is(200).Object.Each("metadata.finalizers").Count(), Is.EqualTo(1));
        (await PatchAsync(path, "{metadata: {labels: {still: here} } }")).Is(200);
        var last = (await PatchAsync(path, "{metadata: {finalizers: []} }")).Is(200).Object;
        Assert.That(last.Name(), Is.EqualTo("shop"));
        (await GetAsync(path)).Refuses(404, "NotFound");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Nobody_holds_what_is_going_already(Subject subject)
    {
        (await PostAsync(subject.Path(Namespace), subject.Written("shop", Held))).Is(201);
        var path = subject.Path(Namespace, "shop");
        (await DeleteAsync(path)).Is(200);
        var refused = (await PatchAsync(path, "{metadata: {finalizers: [example.com/first, example.com/second, example.com/third]} }")).Refuses(422, "Invalid").Object;
        Assert.That(refused.Text("details.causes.0.field"), Is.EqualTo("metadata.finalizers"));
        (await PatchAsync(path, "{metadata: {deletionTimestamp: null} }")).Is(200);
        Assert.That((await GetAsync(path)).Object.Text("metadata.deletionTimestamp"), Is.Not.Null);
        (await PatchAsync(path, "{metadata: {finalizers: null} }")).Is(200);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Preconditions_have_to_hold(Subject subject)
    {
        var made = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        (await DeleteAsync(path, "{preconditions: {uid: 11111111-1111-1111-1111-111111111111} }")).Refuses(409, "Conflict");
        (await DeleteAsync(path, "{preconditions: {resourceVersion: \"1\"} }")).Refuses(409, "Conflict");
        (await GetAsync(path)).Is(200);
        (await DeleteAsync(path, $"{{preconditions: {{uid: {made.Uid()}, resourceVersion: \"{made.Text("metadata.resourceVersion")}\"}} }}")).Is(200);
        (await GetAsync(path)).Is(404);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Deleted_object_is_told(Subject subject)
    {
        var made = await CreateAsync(subject);
        var answer = (await DeleteAsync(subject.Path(Namespace, "shop"))).Is(200).Object;
        // Some kinds answer with the object, others with a Status that names it.
        if (answer.Text("kind") == "Status")
        {
            Assert.That(answer.Text("status"), Is.EqualTo("Success"));
            Assert.That(answer.Text("details.name"), Is.EqualTo("shop"));
            Assert.That(answer.Text("details.uid"), Is.EqualTo(made.Uid()));
        }
        else
        {
            Assert.That(answer.Uid(), Is.EqualTo(made.Uid()));
        }
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.DeletedTogether))]
    public async Task Collection_is_deleted_as_it_is_selected(Subject subject)
    {
        (await PostAsync(subject.Path(Namespace), subject.Written("a", "{labels: {track: canary} }"))).Is(201);
        (await PostAsync(subject.Path(Namespace), subject.Written("b", "{labels: {track: canary}, finalizers: [example.com/hold] }"))).Is(201);
        (await PostAsync(subject.Path(Namespace), subject.Written("c"))).Is(201);

        var answer = (await DeleteAsync($"{subject.Path(Namespace)}?labelSelector=track%3Dcanary")).Is(200).Object;
        Assert.That(answer.Each("items").Select(item => item.Name()), Is.EqualTo(["a", "b"]));
        var left = (await GetAsync(subject.Path(Namespace))).Object.Each("items").ToList();
        Assert.That(left.Select(item => item.Name()), Is.EqualTo(["b", "c"]));
        Assert.That(left[0].Text("metadata.deletionTimestamp"), Is.Not.Null);
        Assert.That(left[1].Text("metadata.deletionTimestamp"), Is.Null);
        (await PatchAsync(subject.Path(Namespace, "b"), "{metadata: {finalizers: null} }")).Is(200);
    }

    [Test]
    public async Task Pod_that_runs_is_given_its_time()
    {
        await CreateAsync(Subject.Pod);
        var path = Subject.Pod.Path(Namespace, "shop");
        await BindAsync("shop");

        var first = (await DeleteAsync(path)).Is(200).Object;
        Assert.That(first.Number("metadata.deletionGracePeriodSeconds"), Is.EqualTo(30));
        Assert.That(first.Text("metadata.deletionTimestamp"), Is.Not.Null);
        var shorter = (await DeleteAsync(path, "{gracePeriodSeconds: 5}")).Is(200).Object;
        Assert.That(shorter.Number("metadata.deletionGracePeriodSeconds"), Is.EqualTo(5));
        Assert.That(shorter.Text("metadata.deletionTimestamp"), Is.LessThan(first.Text("metadata.deletionTimestamp")));
        var longer = (await DeleteAsync(path, "{gracePeriodSeconds: 60}")).Is(200).Object;
        Assert.That(longer.Number("metadata.deletionGracePeriodSeconds"), Is.EqualTo(5), "time that was taken is not given back");

        (await DeleteAsync(path, "{gracePeriodSeconds: 0}")).Is(200);
        (await GetAsync(path)).Is(404);
    }

    [Test]
    public async Task Pod_that_runs_and_is_held_is_still_there_without_its_time()
    {
        (await PostAsync(Subject.Pod.Path(Namespace), Subject.Pod.Written("shop", "{finalizers: [example.com/hold]}"))).Is(201);
        var path = Subject.Pod.Path(Namespace, "shop");
        await BindAsync("shop");
        (await DeleteAsync(path)).Is(200);
        (await PatchAsync(path, "{metadata: {finalizers: null} }")).Is(200);
        Assert.That((await GetAsync(path)).Is(200).Object.Text("metadata.deletionTimestamp"), Is.Not.Null, "its kubelet has not let go yet");
        (await DeleteAsync(path, "{gracePeriodSeconds: 0}")).Is(200);
        (await GetAsync(path)).Is(404);
    }

    /// <summary>Deletes what is held, and gives back what is left.</summary>
    private async Task<JsonObject> MarkAsync(Subject subject, string path)
    {
        var answer = (await DeleteAsync(path)).Is(200).Object;
        // Kubernetes answers so for Services since 1.21.
        if (subject != Subject.Service)
            Assert.That(answer.Text("kind"), Is.EqualTo(subject.Kind), "what is left is told");
        return (await GetAsync(path)).Is(200).Object;
    }

    private async Task BindAsync(string name) => (await PostAsync(
        $"{Subject.Pod.Path(Namespace, name)}/binding",
        $"{{apiVersion: v1, kind: Binding, metadata: {{name: {name}}}, target: {{apiVersion: v1, kind: Node, name: local}} }}")).Is(201);
}
