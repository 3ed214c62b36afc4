using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Rehearsal.Pods;

namespace RolloutController.Tests.Faults;

/// <summary>A controller that sees the past acts on nothing that is not so any more, and does nothing twice.</summary>
[Category("Faults")]
internal sealed partial class StaleViewTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    /// <summary>Every so manieth of the places where a fault can begin, so that a test takes seconds; the sweep takes them all.</summary>
    private const int Stride = 6;

    public static IEnumerable<FaultStory> UpAndBack => [Stories.Promote, Stories.BreachInTheMiddle];

    /// <summary>
    /// Who sees the pods of the canary as they were, without any that is ready, takes it back, which is safe: so either version may have the
    /// traffic in the end, and the laws say that nothing was raised or skipped on the way.
    /// </summary>
    [FaultRow(10, "restart against an API server that lags")]
    [Test]
    public void A_restart_against_an_API_server_that_lags_raises_nothing_again()
    {
        var golden = FaultBed.Play(Stories.Promote, []).Require();
        var either = Stories.Promote with
        {
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilAsync(() => bed.RevisionOf("2").Length > 0, "it to set out");
                await bed.UntilAsync(() => bed.Status.State is AtRest && bed.Rollout!.Metadata.Finalizers.Count == 0 && bed.Status.AvailableReplicas == bed.Settings.PodCount, "it to be over");
            },
        };
        foreach (var call in golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => call.IsWrite && call.Plural != "events").Where((_, place) => place % Stride == 0))
        {
            foreach (var lag in new[] { 2, 12, 40 })
                FaultBed.Play(either, [new Fault.StaleRestart(call.Number, lag, Long)]).Require();
        }
    }

    /// <summary>Each place counts here: one of them had the controller take over again and again without an end.</summary>
    [FaultRow(10, "restart against an API server that lags, while a version is taken back")]
    [Test]
    public void A_restart_against_an_API_server_that_lags_takes_a_version_back_all_the_same()
    {
        var golden = FaultBed.Play(Stories.BreachInTheMiddle, []).Require();
        FaultSweep.Require([.. golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => call.IsWrite && call.Plural != "events")
            .SelectMany(call => new[] { 2, 12, 40 }.Select(lag => (golden, (IReadOnlyList<Fault>)[new Fault.StaleRestart(call.Number, lag, Long)])))]);
    }

    [FaultRow(10, "restart against an API server that lags, after something was deleted")]
    [Test]
    public void What_is_gone_though_the_cache_shows_it_is_asked_for_once()
    {
        var golden = FaultBed.Play(Stories.BreachInTheMiddle, []).Require();
        var deletion = golden.Journal.Calls.Last(call => call is { Verb: "delete", Plural: "services" });
        var run = FaultBed.Play(Stories.BreachInTheMiddle, [new Fault.StaleRestart(deletion.Number, 2, Long)]).Require(golden);
        Assert.That(run.Journal.Calls.Count(call => call is { Process: 2, Verb: "patch", Plural: "services", Name: "shop-canary" }), Is.EqualTo(1), run.Report([]));
    }

    [FaultRow(11, "the cache of routes stands still")]
    [TestCaseSource(nameof(UpAndBack))]
    public void Routes_that_stand_still_in_the_cache_overwrite_no_newer_weight(FaultStory story) =>
        Sweep(story, call => call.IsWrite, call => [new Fault.FrozenCache(call, "httproutes", Long)]);

    /// <summary>
    /// The version has passed its step and waits for a person. Its pods become unready while the watches stand still, and the person lets it go
    /// on before a look could show it: from then on the API alone knows.
    /// </summary>
    [FaultRow(12, "the cache of EndpointSlices stands still")]
    [Test]
    public void No_weight_goes_up_on_endpoints_that_are_ready_in_the_cache_alone()
    {
        var run = FaultBed.Play(new FaultStory("endpoints that are gone", Waiting, async bed =>
        {
            bed.Ship("2");
            await bed.UntilAsync(() => bed.Status is { Phase: Phase.Paused, State: Progressing { Stage: StepStage.Judging, Weight: 25 } }, "it to wait for a person");
            var process = bed.Processes[^1];
            foreach (var plural in new[] { "endpointslices", "pods", "replicasets" })
                process.FrozenCaches[plural] = bed.Now + TimeSpan.FromSeconds(30);
            bed.Turn("2", PodConduct.Unready);
            while (ReadyEndpoints(bed) > 0)
                await bed.PassAsync(TimeSpan.FromMilliseconds(10));
            Assert.That(bed.Status, Has.Property("FailedRevision").Empty.And.Property("Phase").EqualTo(Phase.Paused), "nobody has seen it");
            bed.Operate(OperationVerb.Promote, bed.RevisionOf("2"));
            await bed.UntilAsync(() => bed.Status.Operation is { Outcome: OperationOutcome.Done }, "the person to be heard");
            await bed.PassAsync(TimeSpan.FromSeconds(10));
            Assert.That(process.FrozenCaches["endpointslices"], Is.GreaterThan(bed.Now), "the watches still stand still");
            Assert.That(bed.Journal.Calls.Skip(bed.Journal.CallsBefore), Has.Some.Matches<ApiCall>(call => call is { Verb: "list", Plural: "endpointslices" }), "the API was asked");
            await bed.UntilAtRestAsync("1");
        }), []);
        Assert.That(run.Violations.Where(law => !law.Contains("met no ready pod", StringComparison.Ordinal)), Is.Empty, "but for requests of users before anybody could know: " + run.Report(run.Violations));
    }

    [FaultRow(13, "a list that is older than what was seen")]
    [TestCaseSource(nameof(UpAndBack))]
    public void A_list_from_the_past_after_a_watch_broke_brings_nothing_back(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        var breaks = golden.Journal.Events.Skip(golden.Journal.EventsBefore)
            .GroupBy(viewed => viewed.Call.Plural)
            .SelectMany(kind => kind.Where((_, place) => place % Stride == 0).Take(2))
            .Select(viewed => new Fault.View(viewed.Call.Number, viewed.Number, ViewFault.Gone));
        var runs = 0;
        foreach (var broken in breaks)
        {
            // Where the list comes after the break is known once the break alone was played.
            var alone = FaultBed.Play(story, [broken]).Require();
            var relist = alone.Journal.Calls.FirstOrDefault(call => call.Verb == "list" && call.Number > golden.Journal.CallsBefore && call.Plural == golden.Journal.Calls[broken.Call - 1].Plural);
            if (relist is null)
                continue;
            FaultBed.Play(story, [broken, new Fault.StaleList(relist.Number, 15)]).Require(story == Stories.Promote ? golden : null);
            runs++;
        }

        Assert.That(runs, Is.GreaterThan(3));
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

    /// <summary>A gateway that takes its time has looks taken on the way to a weight; the step that begins then has none of its own.</summary>
    [FaultRow(35, "a restart before the first look of a step")]
    [Test]
    public void What_was_counted_on_the_way_to_a_weight_is_not_counted_again_after_a_restart() => FaultBed.Play(new FaultStory("counted on the way", Up, async bed =>
    {
        bed.Processes[^1].FrozenCaches["httproutes"] = bed.Now + Long;
        bed.Ship("2");
        await bed.UntilJudgedAsync(25);
        Assert.That(bed.Status.Evidence, Has.Property("AllRequests").GreaterThan(0).And.Property("SampledAt").Null, "it was looked at on the way only");
        bed.Processes[^1].Kill();
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

    /// <summary>
    /// <c>kubectl delete --cascade=orphan</c>: that the ReplicaSets were let go of is seen before that their Rollout was deleted. To take them
    /// back would have the garbage collector delete them, with the pods that serve.
    /// </summary>
    [FaultRow(14, "a Rollout that was deleted without what it owns")]
    [TestCase(0)]
    [TestCase(25)]
    public void What_a_deleted_Rollout_let_go_of_is_not_taken_back(int weight) => FaultBed.Play(new FaultStory("orphaned", Up, async bed =>
    {
        if (weight > 0)
        {
            bed.Ship("2");
            await bed.UntilJudgedAsync(weight);
        }
        var sets = bed.Cluster.List("replicasets", "default").Select(set => set.Uid).ToList();
        bed.Processes[^1].FrozenCaches["rollouts"] = bed.Now + Long;
        bed.Laws.Asks("that it goes");
        bed.Change(rollout => rollout["metadata"]!["finalizers"] = new JsonArray([.. bed.Rollout!.Metadata.Finalizers.Append("orphan").Select(name => (JsonNode)name)]));
        bed.Cluster.Delete("rollouts", "default", "shop");
        await bed.UntilAsync(() => bed.Rollout is null, "it to be gone");
        await bed.PassAsync(Long);
        Assert.That(bed.Cluster.List("replicasets", "default").Where(set => set.Owners.Count == 0).Select(set => set.Uid), Is.EquivalentTo(sets), bed.Journal.ToString());
        Assert.That(bed.PodsOf("1"), Has.Count.EqualTo(bed.Settings.PodCount));
    }), []).Require();

    /// <summary>That its ReplicaSet is gone is seen before that the Rollout was deleted. Another one would have the garbage collector take it, again and again.</summary>
    [FaultRow(14, "a Rollout that was deleted")]
    [Test]
    public void What_a_deleted_Rollout_owned_is_not_made_anew() => FaultBed.Play(new FaultStory("deleted at rest", Up, async bed =>
    {
        bed.Processes[^1].FrozenCaches["rollouts"] = bed.Now + Long;
        bed.Laws.Asks("that it goes");
        bed.Cluster.Delete("rollouts", "default", "shop");
        await bed.PassAsync(Long + Long);
        Assert.That(bed.Cluster.List("replicasets", "default"), Is.Empty);
        Assert.That(bed.Journal.Calls.Skip(bed.Journal.CallsBefore), Has.None.Matches<ApiCall>(call => call is { Verb: "create", Plural: "replicasets" }), bed.Journal.ToString());
    }), []).Require();

    [FaultRow(16, "own writes that the cache does not show yet")]
    [TestCaseSource(nameof(UpAndBack))]
    public void What_was_written_is_not_written_again_while_no_watch_shows_it(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        foreach (var begin in golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => call.IsWrite && call.Plural != "events").Where((_, place) => place % Stride == 0))
        {
            foreach (var late in new[] { "rollouts", "replicasets", "services", "httproutes" })
            {
                var run = FaultBed.Play(story, [new Fault.FrozenCache(begin.Number, late, TimeSpan.FromSeconds(3))]).Require();
                Assert.That(Writes(run), Is.EqualTo(Writes(golden)), run.Report([$"{late} come late from {begin} on"]));
            }
        }
    }

    private const string Up = """
        steps: [{weight: 25, hold: 6s}, {weight: 50, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        scaleDownDelay: 3s
        """;

    private const string Waiting = """
        steps: [{weight: 25, pause: true, hold: 6s}, {weight: 50, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        scaleDownDelay: 3s
        """;

    /// <summary>The ready endpoints of the canary as they are, whatever a cache shows.</summary>
    private static int ReadyEndpoints(FaultBed bed) => bed.Cluster.List("endpointslices", "default")
        .Where(slice => (string?)slice.Json["metadata"]!["labels"]!["kubernetes.io/service-name"] == "shop-canary")
        .SelectMany(slice => slice.Json["endpoints"] as JsonArray ?? [])
        .Count(endpoint => (bool?)endpoint!["conditions"]?["ready"] ?? true);

    /// <summary>What controllers did to objects that carry traffic and pods, how often.</summary>
    private static Dictionary<string, int> Writes(FaultRun run) => Commit().Matches(run.Journal.ToString()).CountBy(commit => commit.Groups[1].Value).ToDictionary();

    [GeneratedRegex(@" by call \d+: ((?:replicasets|services|httproutes) \S+ \S+)")]
    private static partial Regex Commit();

    private static void Sweep(FaultStory story, Func<ApiCall, bool> where, Func<int, IEnumerable<Fault>> faults)
    {
        var golden = FaultBed.Play(story, []).Require();
        var calls = golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => where(call) && call.Plural != "events").Where((_, place) => place % Stride == 0);
        foreach (var fault in calls.SelectMany(call => faults(call.Number)))
            FaultBed.Play(story, [fault]).Require(story == Stories.Promote ? golden : null);
    }
}
