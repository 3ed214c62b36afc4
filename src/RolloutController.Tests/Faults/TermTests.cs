using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Faults;

/// <summary>Of several processes one acts, whatever clocks, freezes and people do to the lease, and none writes after its successor has begun.</summary>
[Category("Faults")]
internal sealed class TermTests
{
    /// <summary>Longer than a lease lasts.</summary>
    private static readonly TimeSpan LongerThanTheLease = TimeSpan.FromSeconds(40);

    private static readonly FaultSettings TwoReplicas = new() { Replicas = 2 };

    private const string Up = """
        steps: [{weight: 25, hold: 6s}, {weight: 50, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        scaleDownDelay: 3s
        """;

    public static IEnumerable<FaultStory> UpAndBack => [Stories.Promote, Stories.BreachInTheMiddle];

    public static IEnumerable<FaultStory> UpAndBackWithTwo => [.. UpAndBack.Select(story => story with { Settings = TwoReplicas })];

    [FaultRow(37, "the process freezes between verdict and write")]
    [TestCaseSource(nameof(UpAndBack))]
    public void A_process_that_freezes_between_verdict_and_write_cuts_no_hold_short(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        RequireAll(golden, Decisions(golden).Where((_, place) => place % 2 == 0).Select(call => new Fault.Freeze(call.Number, TimeSpan.FromSeconds(60), After: false)));
    }

    /// <summary>
    /// A deadline that a clock jumps past takes a version back, and a wait lasts longer by what the clock was set back. Either is safe: no
    /// law may be broken on the way.
    /// </summary>
    [FaultRow(37, "the clock jumps by an hour")]
    [TestCaseSource(nameof(UpAndBack))]
    public void A_clock_that_jumps_breaks_no_law_and_leaves_nothing_hanging(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        var over = story with
        {
            Tell = async bed =>
            {
                bed.Ship("2");
                if (story == Stories.BreachInTheMiddle)
                    bed.Fail("2");
                await bed.UntilAsync(() => bed.RevisionOf("2").Length > 0, "it to set out");
                for (var end = bed.Now + TimeSpan.FromHours(3); bed.Status.State is not AtRest || bed.Rollout!.Metadata.Finalizers.Count > 0; await bed.PassAsync(TimeSpan.FromSeconds(10)))
                    Assert.That(bed.Now, Is.LessThan(end), bed.Status.Message);
            },
        };
        foreach (var call in Decisions(golden).Where((_, place) => place % 4 == 0))
        {
            foreach (var hours in new[] { -1, 1 })
                FaultBed.Play(over, [new Fault.ClockJump(call.Number, TimeSpan.FromHours(hours))]).Require();
        }
    }

    [FaultRow(38, "the old leader's write arrives after the new one has decided")]
    [TestCaseSource(nameof(UpAndBackWithTwo))]
    public void A_write_that_a_frozen_leader_had_under_way_is_refused_once_its_successor_acts(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        var frozen = Writes(golden).SelectMany(call => new[] { false, true }.Select(after => new Fault.Freeze(call.Number, LongerThanTheLease, after)));
        RequireAll(golden, frozen.Where((_, place) => FaultSweep.All || place % 4 == 0));
    }

    [FaultRow(38, "the new leader decides otherwise than the old one, whose write is still under way")]
    [Test]
    public void A_weight_that_a_frozen_leader_was_about_to_set_is_not_set_once_its_successor_has_decided_otherwise()
    {
        var story = Stories.Promote with { Settings = TwoReplicas };
        var golden = FaultBed.Play(story, []).Require();
        var raise = golden.Journal.Calls.Where(call => call is { Verb: "patch", Plural: "httproutes" }).Skip(1).First();
        FaultBed.Play(
            story with
            {
                Tell = async bed =>
                {
                    bed.Ship("2");
                    await bed.UntilAsync(() => bed.Journal.Calls.Any(call => call.Number == raise.Number), "the write that freezes");
                    bed.Change(rollout => rollout["spec"]!["paused"] = true);
                    await bed.PassAsync(LongerThanTheLease * 2);
                    Assert.That((bed.Status.Weight, bed.Status.Phase), Is.EqualTo((25, Phase.Paused)), "the successor holds, and nothing else arrives");
                    bed.Change(rollout => rollout["spec"]!["paused"] = false);
                    await bed.UntilAtRestAsync("2");
                },
            },
            [new Fault.Freeze(raise.Number, LongerThanTheLease, After: false)]).Require(golden);
    }

    [FaultRow(38, "the term is on what takes part while the rollout is under way, and gone at rest")]
    [Test]
    public void Whoever_takes_a_rollout_over_marks_what_takes_part_until_it_ends() => FaultBed.Play(new FaultStory("marks", Up, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(25);
        var first = bed.Status.Term!;
        Assert.That(Marked(bed), Is.Empty, "nobody took anything over");
        bed.Processes[0].Kill();
        await bed.UntilJudgedAsync(50);
        var second = bed.Status.Term!;
        Assert.That(first.Holder, Is.EqualTo("process-1"));
        Assert.That(second.Holder, Is.EqualTo("process-2").Or.EqualTo("process-3"), "one of those that are left");
        Assert.That(second.Transitions, Is.GreaterThan(first.Transitions));
        Assert.That(Marked(bed), Is.SupersetOf(new[] { "httproutes shop", "services shop", "services shop-canary" }));
        await bed.UntilAtRestAsync("2");
        Assert.That(Marked(bed).Where(one => !one.StartsWith("replicasets", StringComparison.Ordinal)), Is.Empty, "nothing of the user's is changed at rest");
    })
    {
        Settings = TwoReplicas,
    }, []).Require();

    [FaultRow(39, "the lease is deleted, renewed by hand, or cannot be renewed once")]
    [Test]
    public void What_people_do_to_the_lease_costs_a_pause_at_the_most([Values("deleted", "given away", "given up")] string what) => FaultBed.Play(new FaultStory(what, Up, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(25);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            switch (what)
            {
                case "deleted":
                    bed.Cluster.Delete("leases", "default", "rollout-controller");
                    break;
                case "given away":
                    bed.Cluster.Change("leases", "default", "rollout-controller", lease => Hold(lease, "nobody-in-particular"));
                    break;
                default:
                    bed.Cluster.Change("leases", "default", "rollout-controller", lease => Hold(lease, ""));
                    break;
            }

            await bed.PassAsync(TimeSpan.FromSeconds(7));
        }

        await bed.UntilAtRestAsync("2");
    })
    {
        Settings = TwoReplicas,
    }, []).Require();

    [FaultRow(39, "the lease cannot be renewed once")]
    [Test]
    public void A_renewal_that_fails_once_costs_nothing()
    {
        var golden = FaultBed.Play(Stories.Promote with { Settings = TwoReplicas }, []).Require();
        var renewals = golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => call is { IsLease: true, Verb: "update" } && call.At < golden.Journal.LastWrite).ToList();
        RequireAll(golden, renewals.Where((_, place) => place % 12 == 0).SelectMany(call => new Fault[]
        {
            new Fault.Hang(call.Number, After: false), new Fault.Hang(call.Number, After: true), new Fault.Slow(call.Number, TimeSpan.FromSeconds(4)),
        }));
    }

    [FaultRow(40, "two versions of the controller: what the older one does not know stays")]
    [Test]
    public async Task What_an_older_controller_does_not_know_of_a_status_stays()
    {
        var (client, key, clock) = (new FakeKubernetesClient(), new ObjectKey("default", "shop"), new ManualTimeProvider(DateTimeOffset.UnixEpoch));
        client.Put("rollouts", JsonNode.Parse("""
            {
              "metadata": {"namespace": "default", "name": "shop"},
              "status": {
                "observedGeneration": 1, "phase": "Progressing", "later": {"field": 1}, "term": {"holder": "later", "transitions": 4},
                "state": {"name": "Progressing", "stable": "a", "canary": "b", "weight": 5, "stage": "Judging", "since": "2026-01-01T00:00:00Z", "later": 2}
              }
            }
            """)!.AsObject());
        var stored = client.Find("rollouts", key)!.Deserialize(RolloutObject.Kind.TypeInfo)!;
        var caches = new Caches(client, KubernetesKinds.EndpointSlice, [], clock, new Random(1), NullLogger<Caches>.Instance);
        var writer = new StatusWriter(client, caches, new Tenure("older", 5), TimeSpan.Zero, clock);
        await writer.WriteAsync(stored, stored.Status with { Message = "news", State = (Progressing)stored.Status.State with { Weight = 25 } }, null, CancellationToken.None);

        var status = client.Find("rollouts", key)!["status"]!;
        Assert.That(status["later"]!.ToJsonString(), Is.EqualTo("""{"field":1}"""));
        Assert.That(status["state"]!.ToJsonString(), Is.EqualTo("""{"name":"Progressing","stable":"a","canary":"b","weight":25,"stage":"Judging","since":"2026-01-01T00:00:00Z","later":2}"""));
        Assert.That(status["term"]!.ToJsonString(), Is.EqualTo("""{"holder":"older","transitions":5}"""), "two versions are two terms like any others");
    }

    private static void Hold(JsonObject lease, string holder)
    {
        lease["spec"]!["holderIdentity"] = holder;
        lease["spec"]!["leaseTransitions"] = (int)lease["spec"]!["leaseTransitions"]! + 1;
    }

    /// <summary>
    /// A version that fails can be found out by one test or by another, so only one that is promoted has to end as the golden run; of the other
    /// the same objects are left.
    /// </summary>
    private static void RequireAll(FaultRun golden, IEnumerable<Fault> faults)
    {
        foreach (var fault in faults)
        {
            var run = FaultBed.Play(golden.Story, [fault], golden.Seed).Require(golden.Story.Name == Stories.Promote.Name ? golden : null);
            Assert.That(run.End.Names, Is.EqualTo(golden.End.Names), () => run.Report([]));
        }
    }

    private static IEnumerable<ApiCall> Writes(FaultRun golden) =>
        golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => call is { IsWrite: true, IsLease: false } && call.Plural != "events");

    private static IEnumerable<ApiCall> Decisions(FaultRun golden) => Writes(golden).Where(call => call.Plural is "rollouts" or "httproutes");

    private static List<string> Marked(FaultBed bed) =>
    [
        .. new[] { "httproutes", "services", "replicasets", "rollouts" }.SelectMany(plural => bed.Cluster.List(plural, "default")
            .Where(one => one.Json["metadata"]!["annotations"]?["rollouts.dev/term"] is not null)
            .Select(one => $"{plural} {one.Name}")),
    ];
}
