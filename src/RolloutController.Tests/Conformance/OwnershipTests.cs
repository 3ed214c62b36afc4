using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What becomes of objects whose owners are deleted.</summary>
internal sealed class OwnershipTests : ConformanceTest
{
    private const string NoUid = "11111111-1111-1111-1111-111111111111";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Owned_objects_go_after_their_owner(Subject subject)
    {
        var owner = await CreateAsync(subject, "owner");
        await OwnedAsync("owned", (owner, false));
        (await DeleteAsync(subject.Path(Namespace, "owner"), "{propagationPolicy: Background}")).Is(200);
        (await GetAsync(subject.Path(Namespace, "owner"))).Is(404);
        await WaitFor.GoneAsync(Api, Subject.ConfigMap.Path(Namespace, "owned"), Patience, Cancellation);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Owner_in_the_foreground_waits_for_those_that_block_it(Subject subject)
    {
        var owner = await CreateAsync(subject, "owner");
        await OwnedAsync("owned", [(owner, true)], "[example.com/hold]");
        (await DeleteAsync(subject.Path(Namespace, "owner"), "{propagationPolicy: Foreground}")).Is(200);
        var marked = (await GetAsync(subject.Path(Namespace, "owner"))).Is(200).Object;
        Assert.That(marked.Each("metadata.finalizers").Select(item => item.ToString()), Is.EqualTo(["foregroundDeletion"]));

        await UntilAsync(Subject.ConfigMap.Path(Namespace, "owned"), item => item.Text("metadata.deletionTimestamp") is not null, "what is owned to be deleted", 60);
        (await GetAsync(subject.Path(Namespace, "owner"))).Is(200);
        (await PatchAsync(Subject.ConfigMap.Path(Namespace, "owned"), "{metadata: {finalizers: null} }")).Is(200);
        await WaitFor.GoneAsync(Api, subject.Path(Namespace, "owner"), Patience, Cancellation);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Orphans_stay_and_have_no_owner(Subject subject)
    {
        var owner = await CreateAsync(subject, "owner");
        await OwnedAsync("owned", (owner, true));
        (await DeleteAsync($"{subject.Path(Namespace, "owner")}?propagationPolicy=Orphan")).Is(200);
        await WaitFor.GoneAsync(Api, subject.Path(Namespace, "owner"), Patience, Cancellation);
        var orphan = (await GetAsync(Subject.ConfigMap.Path(Namespace, "owned"))).Is(200).Object;
        Assert.That(orphan.Each("metadata.ownerReferences"), Is.Empty);
        Assert.That(orphan.Text("metadata.deletionTimestamp"), Is.Null);
    }

    [Test]
    public async Task Object_of_two_owners_stays_until_the_second_is_gone()
    {
        var first = await CreateAsync(Subject.ConfigMap, "first");
        var second = await CreateAsync(Subject.Rollout, "second");
        await OwnedAsync("owned", (first, false), (second, false));
        (await DeleteAsync(Subject.ConfigMap.Path(Namespace, "first"))).Is(200);
        var path = Subject.ConfigMap.Path(Namespace, "owned");
        var owned = await UntilAsync(path, item => item.Each("metadata.ownerReferences").Count() == 1, "the reference to the first owner to go", 60);
        Assert.That(owned.Text("metadata.ownerReferences.0.name"), Is.EqualTo("second"));
        Assert.That(owned.Text("metadata.deletionTimestamp"), Is.Null);
        (await DeleteAsync(Subject.Rollout.Path(Namespace, "second"))).Is(200);
        await WaitFor.GoneAsync(Api, path, Patience, Cancellation);
    }

    [Test]
    public async Task Object_whose_owner_never_was_goes()
    {
        var owner = await CreateAsync(Subject.Rollout, "owner");
        owner["metadata"]!["uid"] = NoUid;
        (await PostAsync(Subject.ConfigMap.Path(Namespace), Subject.ConfigMap.Written("owned", $"{{ownerReferences: [{Reference(owner, blocks: false)}] }}"))).Is(201);
        await WaitFor.GoneAsync(Api, Subject.ConfigMap.Path(Namespace, "owned"), Patience, Cancellation);
    }

    [TestCase("Background")]
    [TestCase("Foreground")]
    public async Task Rollout_takes_its_ReplicaSets_and_their_pods_along(string propagation)
    {
        var pods = await RolloutWithPodsAsync();
        (await DeleteAsync(Subject.Rollout.Path(Namespace, "shop"), $"{{propagationPolicy: {propagation}}}")).Is(200);
        foreach (var path in pods.Append(ClusterPath.ReplicaSets(Namespace, "shop")).Append(Subject.Rollout.Path(Namespace, "shop")))
            await WaitFor.GoneAsync(Api, path, Patience, Cancellation);
    }

    [Test]
    public async Task ReplicaSet_that_is_orphaned_keeps_its_pods()
    {
        var pods = await RolloutWithPodsAsync();
        (await DeleteAsync(Subject.Rollout.Path(Namespace, "shop"), "{propagationPolicy: Orphan}")).Is(200);
        await WaitFor.GoneAsync(Api, Subject.Rollout.Path(Namespace, "shop"), Patience, Cancellation);
        Assert.That((await GetAsync(ClusterPath.ReplicaSets(Namespace, "shop"))).Is(200).Object.Each("metadata.ownerReferences"), Is.Empty);

        (await DeleteAsync(ClusterPath.ReplicaSets(Namespace, "shop"), "{propagationPolicy: Orphan}")).Is(200);
        await WaitFor.GoneAsync(Api, ClusterPath.ReplicaSets(Namespace, "shop"), Patience, Cancellation);
        foreach (var path in pods)
            Assert.That((await GetAsync(path)).Is(200).Object.Each("metadata.ownerReferences"), Is.Empty);
    }

    private async Task<IReadOnlyList<string>> RolloutWithPodsAsync()
    {
        var owner = await CreateAsync(Subject.Rollout);
        var set = Yaml.Parse(Manifests.Deployment(2, Manifests.Template("v1")));
        set["kind"] = "ReplicaSet";
        set["metadata"]!["ownerReferences"] = new JsonArray(Yaml.Parse(Reference(owner, blocks: true)));
        await CreateAsync(set.ToJsonString());
        var pods = await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == 2, "two pods");
        return [.. pods.Select(pod => ClusterPath.Pods(Namespace, pod.Name()))];
    }

    private Task OwnedAsync(string name, params (JsonObject Owner, bool Blocks)[] owners) => OwnedAsync(name, owners, "[]");

    /// <summary>
    /// Makes an object that is owned, and waits until the collector knows of it: what it has not seen yet, it cannot spare or wait for. It
    /// shows that by removing an owner that never was.
    /// </summary>
    private async Task OwnedAsync(string name, (JsonObject Owner, bool Blocks)[] owners, string finalizers)
    {
        var absent = owners[0].Owner.DeepClone().AsObject();
        (absent["metadata"]!["uid"], absent["metadata"]!["name"]) = (NoUid, "absent");
        var references = string.Join(", ", owners.Append((Owner: absent, Blocks: false)).Select(owner => Reference(owner.Owner, owner.Blocks)));
        (await PostAsync(Subject.ConfigMap.Path(Namespace), Subject.ConfigMap.Written(name, $"{{ownerReferences: [{references}], finalizers: {finalizers} }}"))).Is(201);
        await UntilAsync(Subject.ConfigMap.Path(Namespace, name), item => item.Each("metadata.ownerReferences").Count() == owners.Length, "the collector to see it", 60);
    }

    private static string Reference(JsonObject owner, bool blocks) =>
        $"{{apiVersion: {owner.Text("apiVersion")}, kind: {owner.Text("kind")}, name: {owner.Name()}, uid: {owner.Uid()}, blockOwnerDeletion: {(blocks ? "true" : "false")} }}";
}
