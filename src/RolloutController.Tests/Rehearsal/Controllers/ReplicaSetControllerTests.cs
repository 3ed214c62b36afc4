using NUnit.Framework;
using RolloutController.Rehearsal.Pods;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Controllers;

internal sealed class ReplicaSetControllerTests
{
    [Test]
    public void Pods_are_made_from_the_template_and_owned() => Bed.Run(async bed =>
    {
        var set = bed.Create("replicasets", Set(3));

        await bed.UntilAsync(() => bed.Find("replicasets", "shop-1").Number("status.availableReplicas") == 3, "three pods");

        Assert.That(bed.Pods, Has.Count.EqualTo(3));
        Assert.That(bed.Pods.Select(pod => pod.Label("app")), Is.All.EqualTo("shop"));
        Assert.That(bed.Pods.Select(pod => pod.Name()), Is.Unique.And.All.StartsWith("shop-1-"));
        var owner = bed.Pods[0].At("metadata.ownerReferences.0");
        Assert.That(
            (owner.Text("kind"), owner.Text("uid"), owner.Flag("controller"), owner.Flag("blockOwnerDeletion")),
            Is.EqualTo(("ReplicaSet", set.Uid, true, true)));
        var status = bed.Find("replicasets", "shop-1").At("status");
        Assert.That(
            (status.Number("replicas"), status.Number("fullyLabeledReplicas"), status.Number("readyReplicas"), status.Number("observedGeneration")),
            Is.EqualTo((3, 3, 3, 1)));
    });

    [Test]
    public void Pod_counts_as_available_once_it_has_been_ready_for_long_enough() => Bed.Run(async bed =>
    {
        bed.Create("replicasets", Set(1, "minReadySeconds: 30, "));
        await bed.UntilAsync(() => bed.Find("replicasets", "shop-1").Number("status.readyReplicas") == 1, "a ready pod");
        var ready = bed.Clock.GetUtcNow();
        Assert.That(bed.Find("replicasets", "shop-1").Number("status.availableReplicas"), Is.Zero);

        await bed.UntilAsync(() => bed.Find("replicasets", "shop-1").Number("status.availableReplicas") == 1, "an available pod");

        Assert.That(bed.Clock.GetUtcNow() - ready, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(TimeSpan.FromSeconds(1)));
    });

    [Test]
    public void Pods_that_serve_nobody_go_first_and_then_the_newest()
    {
        var made = 0;
        Bed.Run(
            async bed =>
            {
                bed.Create("replicasets", Set(2));
                await bed.UntilAsync(() => bed.Find("replicasets", "shop-1").Number("status.readyReplicas") == 2, "the old pods");
                var old = bed.Pods.Select(pod => pod.Uid()).ToList();
                await bed.PassAsync(TimeSpan.FromHours(1));
                bed.Merge("replicasets", "shop-1", "{spec: {replicas: 4}}");
                await bed.UntilAsync(() => bed.Find("replicasets", "shop-1").Number("status.readyReplicas") == 3, "a newer pod");
                var newer = bed.Pods.Single(pod => pod.Is("Ready") && !old.Contains(pod.Uid())).Uid();

                bed.Merge("replicasets", "shop-1", "{spec: {replicas: 3}}");
                await bed.UntilAsync(() => bed.Pods.Count == 3, "a pod to go");
                Assert.That(bed.Pods.Select(pod => pod.Uid()), Is.EquivalentTo([.. old, newer]), "the unready one goes first");

                bed.Merge("replicasets", "shop-1", "{spec: {replicas: 2}}");
                await bed.UntilAsync(() => bed.Pods.Count == 2, "another pod to go");
                Assert.That(bed.Pods.Select(pod => pod.Uid()), Is.EquivalentTo(old));
            },
            _ => ++made == 4 ? Bed.Quick with { Conduct = PodConduct.Unready } : Bed.Quick);
    }

    [Test]
    public void Matching_orphans_are_adopted_and_pods_that_match_no_longer_are_released() => Bed.Run(async bed =>
    {
        var orphan = bed.Create("pods", "{apiVersion: v1, kind: Pod, metadata: {name: orphan, labels: {app: shop}}, spec: {containers: [{name: app, image: 'example/shop:v1'}]}}");
        bed.Create("replicasets", Set(2));
        await bed.UntilAsync(() => bed.Find("replicasets", "shop-1").Number("status.readyReplicas") == 2, "two pods");
        Assert.That(bed.Pods.Select(pod => pod.Uid()), Does.Contain(orphan.Uid), "one of the two was there");

        bed.Merge("pods", "orphan", "{metadata: {labels: {app: other}}}");

        await bed.UntilAsync(() => bed.Pods.Count == 3, "a pod in its place");
        Assert.That(bed.Find("pods", "orphan").Each("metadata.ownerReferences"), Is.Empty);
        Assert.That(bed.Find("replicasets", "shop-1").Number("status.replicas"), Is.EqualTo(2));
    });

    private static string Set(int replicas, string more = "") =>
        $"{{apiVersion: apps/v1, kind: ReplicaSet, metadata: {{name: shop-1}}, spec: {{replicas: {replicas}, {more}selector: {{matchLabels: {{app: shop}} }}, template: {Bed.Template("v1")} }} }}";
}
