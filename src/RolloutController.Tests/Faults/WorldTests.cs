using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Faults;

/// <summary>Somebody or something else changes the world midway, or tells nothing about it.</summary>
[Category("Faults")]
internal sealed class WorldTests
{
    [FaultRow(31, "no metrics any more, and a person ends it")]
    [Test]
    public void Without_metrics_it_holds_and_a_person_can_end_it()
    {
        var story = Stories.Promote with
        {
            Name = "no metrics from the second step on",
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilJudgedAsync(50);
                await bed.PassAsync(TimeSpan.FromMinutes(5));
                Assert.That(bed.Status.Weight, Is.EqualTo(50));
                bed.Operate(OperationVerb.Abort, bed.RevisionOf("2"));
                var asked = bed.Now;
                await bed.UntilAtRestAsync("1");
                Assert.That(bed.Now - asked, Is.LessThan(TimeSpan.FromMinutes(1)));
            },
        };
        var first = FaultBed.Play(Stories.Promote, []).Require();
        var query = first.Journal.QueriesAt(first.Journal.Calls.Last(call => call.Plural == "httproutes" && call.Verb == "patch" && first.Journal.WeightAt(call) == 50)) + 1;

        FaultBed.Play(story, [new Fault.Metrics(query, MetricsFault.Refused, int.MaxValue / 2)]).Require();
    }

    [FaultRow(35, "a look that begins in one step and ends in the next")]
    [Test]
    public void A_look_that_hangs_over_the_end_of_a_step_promotes_nothing()
    {
        var golden = FaultBed.Play(Stories.BreachAtLast, []).Require();
        FaultSweep.Require([.. Enumerable.Range(1, golden.Journal.Queries).Select(query => (golden, (IReadOnlyList<Fault>)[new Fault.Metrics(query, MetricsFault.Hangs, 1)]))]);
    }

    [FaultRow(42, "somebody else reverts the weights again and again")]
    [Test]
    public void Weights_that_are_reverted_again_and_again_are_not_fought_over()
    {
        var story = Stories.Promote with
        {
            Name = "weights that are reverted",
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilJudgedAsync(50);
                var calls = bed.Journal.Calls.Count;
                for (var time = 0; time < 5; time++)
                {
                    bed.Cluster.Change("httproutes", "default", "shop", Revert);
                    await bed.PassAsync(TimeSpan.FromSeconds(4));
                }
                Assert.That(bed.Journal.Calls.Skip(calls).Count(call => call is { Plural: "httproutes", IsWrite: true }), Is.InRange(1, 5));
                Assert.That(bed.Status.Message, Does.Contain("something else").Or.Contain("50 %"));
                await bed.UntilAtRestAsync("2");
            },
        };

        FaultBed.Play(story, []).Require(FaultBed.Play(Stories.Promote, []));

        static void Revert(JsonObject route) => route["spec"]!["rules"]![0]!["backendRefs"] = new JsonArray(new JsonObject { ["name"] = "shop", ["port"] = 80 });
    }

    [FaultRow(46, "the Rollout is deleted at each step")]
    [Test]
    public void A_Rollout_that_is_deleted_at_a_step_gives_the_traffic_back([Values(25, 50, 100)] int weight)
    {
        var story = Stories.Deleted with
        {
            Name = $"deleted at {weight} %",
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilJudgedAsync(weight);
                bed.Cluster.Delete("rollouts", "default", "shop");
                await bed.UntilAsync(() => bed.Rollout is null, "the Rollout to be gone");
            },
        };

        FaultBed.Play(story, []).Require(FaultBed.Play(Stories.Deleted, []));
    }

    [FaultRow(48, "steps that are shortened midway")]
    [Test]
    public void Steps_that_are_shortened_midway_jump_over_nothing_that_was_not_judged()
    {
        var story = Stories.Promote with
        {
            Name = "steps that are shortened",
            Tell = async bed =>
            {
                bed.Ship("2");
                await bed.UntilJudgedAsync(25);
                bed.Change(rollout => rollout["spec"]!["steps"] = new JsonArray(new JsonObject { ["weight"] = 100, ["hold"] = "6s" }));
                await bed.UntilAtRestAsync("2");
            },
        };

        FaultBed.Play(story, []).Require();
    }

    [FaultRow(49, "A, B and A again is as A from the start")]
    [Test]
    public void What_was_tried_and_taken_back_leaves_the_objects_of_a_fresh_one()
    {
        var fresh = FaultBed.Play(Stories.Promote with { Name = "nothing", Tell = _ => Task.CompletedTask }, []).Require();

        var back = FaultBed.Play(Stories.Reverted, []).Require();
        Assert.That(fresh.End.Differences(back.End).Where(difference => !difference.Contains("rollout shop", StringComparison.Ordinal)), Has.One.Items.And.All.Contains("replicaset shop:2"), "all but the history");
    }
}
