using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Rehearsal.Pods;

namespace RolloutController.Tests.Faults;

/// <summary>A controller that sees the past acts on nothing that is not so any more.</summary>
[Category("Faults")]
internal sealed class StaleViewTests
{
    private const string Up = """
        steps: [{weight: 25, hold: 6s}, {weight: 50, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        scaleDownDelay: 3s
        """;

    [FaultRow(12, "the cache of EndpointSlices stands still")]
    [Test]
    public void No_weight_goes_up_on_endpoints_that_are_ready_in_the_cache_alone()
    {
        var run = FaultBed.Play(new FaultStory("endpoints that are gone", "steps: [{weight: 25, hold: 10s}, {weight: 50, hold: 10s}, {weight: 100, hold: 10s}]\nscaleDownDelay: 3s", async bed =>
        {
            bed.Ship("2");
            await bed.UntilJudgedAsync(25);
            foreach (var plural in new[] { "endpointslices", "pods", "replicasets" })
                bed.Processes[^1].FrozenCaches[plural] = bed.Now + TimeSpan.FromSeconds(30);
            bed.Turn("2", PodConduct.Unready);
            await bed.UntilAsync(() => bed.Status.FailedRevision.Length > 0, "what is true to be seen");
            Assert.That(bed.Processes[^1].FrozenCaches["endpointslices"], Is.GreaterThan(bed.Now), "though the watches stand still");
            await bed.UntilAtRestAsync("1");
        }), []);
        Assert.That(run.Violations.Where(law => law.Contains("no ready endpoint", StringComparison.Ordinal)), Is.Empty, run.Report(run.Violations));
        Assert.That(run.Violations.Where(law => !law.Contains("met no ready pod", StringComparison.Ordinal)), Is.Empty, run.Report(run.Violations));
    }

    [FaultRow(14, "an old spec after the user changed it")]
    [Test]
    public void What_the_user_changed_holds_though_the_cache_does_not_show_it() => FaultBed.Play(new FaultStory("stale spec", Up, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(25);
        bed.Processes[^1].FrozenCaches["rollouts"] = bed.Now + TimeSpan.FromSeconds(60);
        bed.Change(rollout => rollout["spec"]!["paused"] = true);
        var generation = bed.Rollout!.Metadata.Generation;
        await bed.PassAsync(TimeSpan.FromSeconds(50));
        Assert.That(bed.Status.State, Is.InstanceOf<Progressing>().With.Property("Weight").EqualTo(25), "the pause holds");
        Assert.That(bed.Status.ObservedGeneration, Is.EqualTo(generation), "a conflict made it look");
        bed.Change(rollout => rollout["spec"]!["paused"] = false);
        await bed.UntilAtRestAsync("2");
    }), []).Require();

    [FaultRow(15, "a Rollout that was made anew under the same name")]
    [Test]
    public void A_Rollout_that_was_made_anew_knows_nothing_of_the_one_before()
    {
        FaultStory story = null!;
        story = new FaultStory("made anew", Up, async bed =>
        {
            bed.Fail("2");
            bed.Ship("2");
            await bed.UntilAsync(() => bed.Status.FailedRevision.Length > 0, "it to fail");
            await bed.UntilAtRestAsync("1");
            var failed = bed.Status.FailedRevision;
            Assert.That(failed, Is.Not.Empty);
            bed.Cluster.Delete("rollouts", "default", "shop");
            await bed.UntilAsync(() => bed.Rollout is null && bed.Cluster.List("replicasets", "default").Count == 0, "it to be gone");
            bed.Apply(story.Manifests[story.Manifests.IndexOf("apiVersion: rollouts.dev", StringComparison.Ordinal)..]);
            await bed.UntilAtRestAsync("1");
            bed.Heal("2");
            bed.Laws.Asks("another Rollout");
            bed.Ship("2");
            await bed.UntilJudgedAsync(25);
            Assert.That(bed.Status.FailedRevision, Is.Empty);
            Assert.That(bed.RevisionOf("2"), Is.EqualTo(failed), "the very version that failed before");
            await bed.UntilAtRestAsync("2");
            Assert.That(bed.Status.LastRollback, Is.Null);
        });
        var run = FaultBed.Play(story, []);
        Assert.That(run.Violations.Where(law => !law.Contains("met no ready pod", StringComparison.Ordinal)), Is.Empty, "but for users who come before there is a pod: " + run.Report(run.Violations));
    }
}
