using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Watching collections.</summary>
internal sealed class WatchTests : ConformanceTest
{
    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Watch_from_the_version_of_a_list_tells_what_happened_since(Subject subject)
    {
        await CreateAsync(subject, "before");
        var version = await VersionAsync(subject);
        var made = await CreateAsync(subject);
        var changed = (await PatchAsync(subject.Path(Namespace, "shop"), subject.Change)).Is(200);
        (await DeleteAsync(subject.Path(Namespace, "shop"))).Is(200);

        using var watch = await WatchReading.OpenAsync(Api, subject.Path(Namespace), version, Cancellation);
        Assert.That(watch.MediaType, Is.EqualTo("application/json"));
        var added = await watch.NextAsync(Cancellation);
        Assert.That(added!.Type, Is.EqualTo("ADDED"));
        Assert.That(added.Object.Text("kind"), Is.EqualTo(subject.Kind), "objects in events name their kind");
        Assert.That(added.Object.Text("apiVersion"), Is.EqualTo(made.Text("apiVersion")));
        Assert.That(added.Object.Text("metadata.resourceVersion"), Is.EqualTo(made.Text("metadata.resourceVersion")));
        var modified = await watch.NextAsync(Cancellation);
        Assert.That(modified!.Type, Is.EqualTo("MODIFIED"));
        Assert.That(modified.Object.Text("metadata.resourceVersion"), Is.EqualTo(changed.Version));
        var deleted = await watch.DeletedAsync(Cancellation);
        Assert.That(deleted!.Type, Is.EqualTo("DELETED"));
        Assert.That(deleted.Object.Text(subject.Changed), Is.EqualTo(changed.Object.Text(subject.Changed)), "the last state");
        Assert.That(deleted.Object.Number("metadata.resourceVersion"), Is.GreaterThan(long.Parse(changed.Version)), "the version of the deletion");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Watch_of_a_quiet_collection_answers_at_once_and_tells_what_comes(Subject subject)
    {
        using var watch = await WatchReading.OpenAsync(Api, subject.Path(Namespace), await VersionAsync(subject), Cancellation);
        await CreateAsync(subject);
        Assert.That(await watch.NextAsync(1, Cancellation), Is.EqualTo(["ADDED shop"]));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Finalized_object_is_modified_and_then_deleted(Subject subject)
    {
        (await PostAsync(subject.Path(Namespace), subject.Written("shop", "{finalizers: [example.com/hold]}"))).Is(201);
        using var watch = await WatchReading.OpenAsync(Api, subject.Path(Namespace), await VersionAsync(subject), Cancellation);
        (await DeleteAsync(subject.Path(Namespace, "shop"))).Is(200);
        (await PatchAsync(subject.Path(Namespace, "shop"), "{metadata: {finalizers: null} }")).Is(200);
        Assert.That(await watch.NextAsync(2, Cancellation), Is.EqualTo(["MODIFIED shop", "DELETED shop"]));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Object_that_enters_or_leaves_a_selection_is_added_or_deleted(Subject subject)
    {
        var created = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        using var watch = await WatchReading.OpenAsync(Api, $"{subject.Path(Namespace)}?labelSelector=track%3Dcanary", await VersionAsync(subject), Cancellation);
        (await PatchAsync(path, "{metadata: {labels: {track: stable} } }")).Is(200);
        (await PatchAsync(path, "{metadata: {labels: {track: canary} } }")).Is(200);
        (await PatchAsync(path, "{metadata: {annotations: {a: b} } }")).Is(200);
        var left = (await PatchAsync(path, "{metadata: {labels: {track: stable} } }")).Is(200);

        Assert.That(await watch.NextAsync(2, Cancellation), Is.EqualTo(["ADDED shop", "MODIFIED shop"]));
        var deleted = await watch.NextAsync(Cancellation);
        Assert.That(deleted!.Type, Is.EqualTo("DELETED"));
        Assert.That(deleted.Object.Uid(), Is.EqualTo(created.Uid()));
        Assert.That(deleted.Object.Label("track"), Is.EqualTo("canary"), "as it was last while it was selected");
        Assert.That(deleted.Object.Text("metadata.resourceVersion"), Is.EqualTo(left.Version), "at the version at which it left");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Watch_of_one_name_tells_of_no_other(Subject subject)
    {
        using var watch = await WatchReading.OpenAsync(Api, $"{subject.Path(Namespace)}?fieldSelector=metadata.name%3Dshop", await VersionAsync(subject), Cancellation);
        await CreateAsync(subject, "other");
        await CreateAsync(subject);
        Assert.That(await watch.NextAsync(1, Cancellation), Is.EqualTo(["ADDED shop"]));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Watch_from_zero_tells_the_present_state_first(Subject subject)
    {
        await CreateAsync(subject, "a");
        await CreateAsync(subject, "b");
        // A real API server may answer from a cache that is a moment behind.
        using var watch = await WatchReading.OpenAsync(Api, subject.Path(Namespace), "0", Cancellation);
        Assert.That(await watch.NextAsync(2, Cancellation), Is.EquivalentTo(["ADDED a", "ADDED b"]));
        (await DeleteAsync(subject.Path(Namespace, "a"))).Is(200);
        Assert.That((await watch.DeletedAsync(Cancellation))!.Object.Name(), Is.EqualTo("a"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Watch_ends_after_the_time_that_was_asked(Subject subject)
    {
        using var watch = await WatchReading.OpenAsync(Api, $"{subject.Path(Namespace)}?timeoutSeconds=1&allowWatchBookmarks=true", await VersionAsync(subject), Cancellation);
        Assert.That(await watch.NextAsync(Cancellation), Is.Null, "nothing but bookmarks, and the end");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Writes_that_change_nothing_are_no_events(Subject subject)
    {
        await CreateAsync(subject);
        using var watch = await WatchReading.OpenAsync(Api, subject.Path(Namespace), await VersionAsync(subject), Cancellation);
        (await PatchAsync(subject.Path(Namespace, "shop"), "{metadata: {labels: null} }")).Is(200);
        await CreateAsync(subject, "next");
        Assert.That(await watch.NextAsync(1, Cancellation), Is.EqualTo(["ADDED next"]));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Watch_of_a_namespace_tells_of_no_other(Subject subject)
    {
        var other = $"{Namespace}-other";
        await CreateAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {other}}}}}");
        using var watch = await WatchReading.OpenAsync(Api, subject.Path(Namespace), await VersionAsync(subject), Cancellation);
        (await PostAsync(subject.Path(other), subject.Written("elsewhere"))).Is(201);
        await CreateAsync(subject);
        Assert.That(await watch.NextAsync(1, Cancellation), Is.EqualTo(["ADDED shop"]));
        (await DeleteAsync(subject.Path(other, "elsewhere"))).Is(200);
        (await DeleteAsync(ClusterPath.Namespace(other))).Is(200);
    }

    private async Task<string> VersionAsync(Subject subject) => (await GetAsync(subject.Path(Namespace))).Is(200).Version;
}
