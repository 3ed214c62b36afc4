using NUnit.Framework;
using RolloutController.Rehearsal.Pods;

namespace RolloutController.Tests.Faults;

/// <summary>A process does not see all that happens, or sees it late, or in another order.</summary>
[Category("Faults")]
internal sealed class UnobservedStateTests
{
    [FaultRow(17, "a pod that is unready for a moment")]
    [Test]
    public void A_pod_that_is_unready_between_two_looks_costs_no_request()
    {
        var golden = FaultBed.Play(Stories.Promote, []).Require();
        var story = Stories.Promote with
        {
            Name = "a pod that is unready for a moment",
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilJudgedAsync(100);
                var pod = bed.PodsOf("2")[0];
                bed.Turn(pod, PodConduct.Unready);
                await bed.PassAsync(TimeSpan.FromMilliseconds(1));
                bed.Turn(pod, PodConduct.Ready);
                await bed.UntilAtRestAsync("2");
            },
        };

        FaultBed.Play(story, []).Require(golden);
    }

    [FaultRow(18, "A, B and A again, seen as one")]
    [TestCase("1", "2", "2")]
    [TestCase("3", "2", "2")]
    [TestCase("3", "1", "1")]
    public void A_version_that_comes_and_goes_unseen_leaves_nothing(string first, string then, string survivor)
    {
        var story = Stories.Promote with
        {
            Name = $"{first} and {then} while the process stands still",
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilJudgedAsync(25);
                bed.Processes[^1].Freeze();
                bed.Ship(first);
                await bed.PassAsync(TimeSpan.FromSeconds(1));
                bed.Ship(then);
                await bed.PassAsync(TimeSpan.FromSeconds(1));
                bed.Processes[^1].Thaw();
                await bed.UntilAtRestAsync(survivor);
            },
        };

        var run = FaultBed.Play(story, []).Require();
        if (survivor == "2")
            run.Require(FaultBed.Play(Stories.Promote, []));
    }

    [FaultRow(19, "an event that never comes")]
    [Test]
    public void An_event_that_is_lost_is_made_up_for() => Sweep(ViewFault.Drop);

    [FaultRow(20, "a watch that falls silent")]
    [Test]
    public void A_watch_that_falls_silent_is_taken_up_again() => Sweep(ViewFault.Silence);

    [FaultRow(21, "410 as an event with status 200, and lines that are none")]
    [TestCase(ViewFault.Gone)]
    [TestCase(ViewFault.Garbage)]
    [TestCase(ViewFault.Cut)]
    public void A_watch_that_breaks_is_taken_up_again(int what) => Sweep((ViewFault)what);

    [FaultRow(22, "kinds overtake each other")]
    [Test]
    public void Kinds_that_overtake_each_other_change_nothing() => Sweep(ViewFault.Delay);

    [FaultRow(22, "a Deployment is seen before its ReplicaSet")]
    [Test]
    public void A_Deployment_that_is_seen_before_its_ReplicaSet_runs_its_pods_once()
    {
        var golden = FaultBed.Play(Stories.Adopted, []).Require();
        var sets = golden.Journal.Calls.First(call => call is { IsWatch: true, Plural: "replicasets" });
        FaultBed.Play(Stories.Adopted, [new Fault.View(sets.Number, 1, ViewFault.Delay)]).Require(golden);
    }

    private static void Sweep(ViewFault what)
    {
        var golden = FaultBed.Play(Stories.Promote, []).Require();
        FaultSweep.RequireSome(golden, FaultCatalogue.Of(golden, fromStart: false).OfType<Fault.View>().Where(fault => fault.What == what));
    }
}
