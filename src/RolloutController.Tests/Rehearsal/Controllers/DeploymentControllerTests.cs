using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Pods;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Controllers;

internal sealed class DeploymentControllerTests
{
    [Test]
    public void First_template_gets_a_ReplicaSet_of_its_own() => Bed.Run(async bed =>
    {
        await DeployAsync(bed, 3);

        var set = bed.List("replicasets").Single();
        var hash = set.Label("pod-template-hash");
        Assert.That(set.Name(), Is.EqualTo($"shop-{hash}"));
        Assert.That(set.Text("spec.selector.matchLabels.pod-template-hash"), Is.EqualTo(hash));
        Assert.That(bed.Pods.Select(pod => pod.Label("pod-template-hash")), Is.All.EqualTo(hash));
        Assert.That(set.Annotation("deployment.kubernetes.io/revision"), Is.EqualTo("1"));
        Assert.That(Shop(bed).Annotation("deployment.kubernetes.io/revision"), Is.EqualTo("1"));
        Assert.That(Shop(bed).Is("Available"), Is.True);
        Assert.That(Shop(bed).Condition("Progressing").Text("reason"), Is.EqualTo("NewReplicaSetAvailable"));
        Assert.That(Shop(bed).Number("status.observedGeneration"), Is.EqualTo(Shop(bed).Number("metadata.generation")));
    });

    [TestCase("25%", "25%", 4, 5, 3)]
    [TestCase("1", "0", 4, 5, 4)]
    [TestCase("0", "1", 4, 4, 3)]
    [TestCase("100%", "0", 4, 8, 4)]
    public void Newer_template_replaces_the_pods_within_the_limits(string surge, string unavailable, int replicas, int most, int fewest) => Bed.Run(async bed =>
    {
        await DeployAsync(bed, replicas, $"strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}, ");
        using var census = new Census(bed);

        bed.Merge("deployments", "shop", $"{{spec: {{template: {Bed.Template("v2")}}}}}");
        await UntilCompleteAsync(bed, replicas);

        Assert.That(bed.Pods.Select(PodAnnotations.VersionOf), Is.All.EqualTo("v2"));
        Assert.That(census.Most, Is.EqualTo(most));
        Assert.That(census.Fewest, Is.EqualTo(fewest));
        Assert.That(bed.List("replicasets").Select(set => set.Number("spec.replicas")), Is.EquivalentTo([0, replicas]));
        Assert.That(Shop(bed).Annotation("deployment.kubernetes.io/revision"), Is.EqualTo("2"));
    });

    [Test]
    public void Earlier_template_goes_back_to_its_ReplicaSet() => Bed.Run(async bed =>
    {
        await DeployAsync(bed, 2);
        var first = bed.List("replicasets").Single().Uid();
        bed.Merge("deployments", "shop", $"{{spec: {{template: {Bed.Template("v2")}}}}}");
        await UntilCompleteAsync(bed, 2);

        bed.Merge("deployments", "shop", $"{{spec: {{template: {Bed.Template("v1")}}}}}");
        await UntilCompleteAsync(bed, 2);

        Assert.That(bed.List("replicasets"), Has.Count.EqualTo(2));
        var set = bed.List("replicasets").Single(set => set.Number("spec.replicas") == 2);
        Assert.That((set.Uid(), set.Annotation("deployment.kubernetes.io/revision")), Is.EqualTo((first, "3")));
    });

    [Test]
    public void Paused_one_rolls_no_template_out_but_is_scaled() => Bed.Run(async bed =>
    {
        await DeployAsync(bed, 2);
        bed.Merge("deployments", "shop", $"{{spec: {{paused: true, template: {Bed.Template("v2")}}}}}");
        bed.Merge("deployments", "shop", "{spec: {replicas: 4}}");

        await bed.UntilAsync(() => Shop(bed).Number("status.availableReplicas") == 4, "four pods");
        Assert.That(bed.Pods.Select(PodAnnotations.VersionOf), Is.All.EqualTo("v1"));
        Assert.That(bed.List("replicasets"), Has.Count.EqualTo(1));
        Assert.That(Shop(bed).Condition("Progressing").Text("reason"), Is.EqualTo("DeploymentPaused"));

        bed.Merge("deployments", "shop", "{spec: {paused: false}}");
        await UntilCompleteAsync(bed, 4);
        Assert.That(bed.Pods.Select(PodAnnotations.VersionOf), Is.All.EqualTo("v2"));
    });

    [Test]
    public void ReplicaSet_that_lost_its_controller_is_taken_back_with_its_pods() => Bed.Run(async bed =>
    {
        await DeployAsync(bed, 2);
        var pods = bed.Pods.Select(pod => pod.Uid()).ToList();
        var deployment = Shop(bed).Uid();
        var set = bed.List("replicasets").Single().Name();
        bed.Merge("deployments", "shop", "{spec: {paused: true}}");

        // As the garbage collector leaves it, where another owner was in control and this one stayed an owner.
        bed.Merge("replicasets", set, $"{{metadata: {{ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: shop, uid: {deployment}}}]}}}}");
        await bed.UntilAsync(() => bed.Find("replicasets", set).At("metadata.ownerReferences.0").Flag("controller"), "the ReplicaSet to be adopted");

        var owner = bed.Find("replicasets", set).Each("metadata.ownerReferences").Single();
        Assert.That((owner.Text("uid"), owner.Flag("blockOwnerDeletion")), Is.EqualTo((deployment, true)));
        bed.Merge("deployments", "shop", "{spec: {paused: false}}");
        await UntilCompleteAsync(bed, 2);
        Assert.That(bed.Pods.Select(pod => pod.Uid()), Is.EquivalentTo(pods));
    });

    [Test]
    public void Resizing_midway_keeps_both_versions_in_proportion()
    {
        Bed.Run(
            async bed =>
            {
                await DeployAsync(bed, 10, "strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 2}}, ");
                bed.Merge("deployments", "shop", $"{{spec: {{template: {Bed.Template("v2")}}}}}");
                await bed.UntilAsync(() => Sizes(bed) == (8, 5), "the rolling update to be stuck");

                bed.Merge("deployments", "shop", "{spec: {replicas: 15}}");

                // The example of https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
                await bed.UntilAsync(() => Sizes(bed) == (11, 7), "the ReplicaSets to be resized");
            },
            pod => PodAnnotations.VersionOf(pod.Json) == "v2" ? new PodScript { Conduct = PodConduct.ImagePullFailure } : Bed.Quick);
    }

    [Test]
    public void Progress_is_late_after_the_deadline() => Bed.Run(
        async bed =>
        {
            bed.Create("deployments", Deployment(1, "progressDeadlineSeconds: 60, "));
            await bed.UntilAsync(() => Shop(bed).Condition("Progressing").Text("reason") == "ReplicaSetUpdated", "the beginning");
            var start = bed.Clock.GetUtcNow();

            await bed.UntilAsync(() => Shop(bed).Condition("Progressing").Text("status") == "False", "the deadline");

            Assert.That(Shop(bed).Condition("Progressing").Text("reason"), Is.EqualTo("ProgressDeadlineExceeded"));
            Assert.That(bed.Clock.GetUtcNow() - start, Is.EqualTo(TimeSpan.FromSeconds(60)).Within(TimeSpan.FromSeconds(2)));
        },
        _ => new PodScript { Conduct = PodConduct.Unschedulable });

    [Test]
    public void Recreating_ends_all_old_pods_before_it_makes_a_new_one() => Bed.Run(async bed =>
    {
        await DeployAsync(bed, 3, "strategy: {type: Recreate}, ");
        var (old, mixed) = (3, false);
        bed.Cluster.Committed += change =>
        {
            if (change is { Old.Plural: "pods", New: null } && PodAnnotations.VersionOf(change.Object.Json) == "v1")
                old--;
            if (change is { Old: null, New.Plural: "pods" })
                mixed |= old > 0;
        };

        bed.Merge("deployments", "shop", $"{{spec: {{template: {Bed.Template("v2")}}}}}");
        await UntilCompleteAsync(bed, 3);

        Assert.That(mixed, Is.False);
        Assert.That(bed.Pods.Select(PodAnnotations.VersionOf), Is.EqualTo(["v2", "v2", "v2"]));
    });

    [Test]
    public void Old_ReplicaSets_beyond_the_limit_of_the_history_go() => Bed.Run(async bed =>
    {
        await DeployAsync(bed, 1, "revisionHistoryLimit: 1, ");
        foreach (var version in new[] { "v2", "v3", "v4" })
        {
            bed.Merge("deployments", "shop", $"{{spec: {{template: {Bed.Template(version)}}}}}");
            await UntilCompleteAsync(bed, 1);
        }

        await bed.UntilAsync(() => bed.List("replicasets").Count == 2, "old ReplicaSets to go");
        Assert.That(bed.List("replicasets").Select(set => set.Annotation("deployment.kubernetes.io/revision")), Is.EquivalentTo(["3", "4"]));
    });

    private static JsonObject Shop(Bed bed) => bed.Find("deployments", "shop")!;

    private static (long Old, long New) Sizes(Bed bed)
    {
        var sizes = bed.List("replicasets").OrderBy(set => set.Annotation("deployment.kubernetes.io/revision")).Select(set => set.Number("spec.replicas")).ToList();
        return (sizes[0], sizes.ElementAtOrDefault(1));
    }

    private static async Task DeployAsync(Bed bed, int replicas, string more = "")
    {
        bed.Create("deployments", Deployment(replicas, more));
        await UntilCompleteAsync(bed, replicas);
    }

    private static Task UntilCompleteAsync(Bed bed, int replicas) => bed.UntilAsync(
        () => Shop(bed).Number("status.observedGeneration") == Shop(bed).Number("metadata.generation")
            && Shop(bed).Number("status.updatedReplicas") == replicas && Shop(bed).Number("status.availableReplicas") == replicas
            && Shop(bed).Number("status.replicas") == replicas,
        "the Deployment to be complete");

    private static string Deployment(int replicas, string more) =>
        $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: shop}}, spec: {{replicas: {replicas}, {more}selector: {{matchLabels: {{app: shop}} }}, template: {Bed.Template("v1")} }} }}";

    /// <summary>The most pods that the ReplicaSets were asked for together, and the fewest that served, after each commit.</summary>
    private sealed class Census : IDisposable
    {
        private readonly Bed _bed;
        private readonly Dictionary<string, long> _wanted;
        private readonly Dictionary<string, bool> _pods;

        public Census(Bed bed)
        {
            _bed = bed;
            _wanted = bed.List("replicasets").ToDictionary(set => set.Uid(), set => set.Number("spec.replicas"));
            _pods = bed.Pods.ToDictionary(pod => pod.Uid(), pod => pod.IsServing());
            bed.Cluster.Committed += Count;
            Fewest = _pods.Count;
        }

        public long Most { get; private set; }

        public int Fewest { get; private set; }

        public void Dispose() => _bed.Cluster.Committed -= Count;

        private void Count(ObjectChange change)
        {
            if (change.Object.Plural == "replicasets")
                _wanted[change.Object.Uid] = change.New?.Json.Number("spec.replicas") ?? 0;
            if (change.Object.Plural == "pods")
                _pods[change.Object.Uid] = change.New?.Json.IsServing() == true;
            Most = Math.Max(Most, _wanted.Values.Sum());
            Fewest = Math.Min(Fewest, _pods.Values.Count(serving => serving));
        }
    }
}
