using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>What people and programs read.</summary>
internal sealed class ReportTests
{
    private static readonly Problem NoSuchRoute = new(EventReason.RouteNotFound, "spec.traffic.routes[0]", "there is no HTTPRoute shop; name one");

    // Ready, Progressing, Reconciling, Stalled, Succeeded
    private static IEnumerable<TestCaseData> Table()
    {
        yield return Case(new Deploying("a", Now), "a", Phase.Progressing, "False,True,True,False,Unknown", 0, "", "a", "0/4");
        yield return Case(new AtRest("a"), "a", Phase.Healthy, "True,False,False,False,True", 100, "a", "", "4/4");
        yield return Case(Step(25, StepStage.Judging), "b", Phase.Progressing, "False,True,True,False,Unknown", 25, "a", "b", "2/4");
        yield return Case(Step(50, StepStage.Raising), "b", Phase.Progressing, "False,True,True,False,Unknown", 25, "a", "b", "3/4");
        yield return Case(new Promoting("a", "b", Routes, ConclusionStage.Shifting, Now), "b", Phase.Progressing, "False,True,True,False,Unknown", 100, "a", "b", "4/4");
        yield return Case(new RollingBack("a", "b", Routes, ConclusionStage.Shifting, Now, RollbackCause.Failed), "b", Phase.RollingBack, "False,True,True,False,False", 25, "a", "b", "0/4");
    }

    [TestCaseSource(nameof(Table))]
    public void Says_where_it_is(RolloutState state, string asked, Phase phase, string conditions, int weight, string stable, string canary, string step)
    {
        var pinned = state is InFlight ? state is Promoting ? "b" : "a" : null;
        var seen = Rollout(state, asked, Set("a", 10, state is Deploying ? 0 : 10), Set("b", 3))
            .With(state is InFlight ? TrafficSeen(pinned, "b", 25, canaryReady: 3) : TrafficSeen());
        if (state is not InFlight)
            seen = seen with { Revisions = [seen.Revisions[0]] };

        var status = Decide(seen).Status;

        Assert.That((status.Phase, status.Weight, status.StableRevision, status.CanaryRevision, status.Step), Is.EqualTo((phase, weight, stable, canary, step)));
        Assert.That(status.Conditions.Select(condition => condition.Type), Is.EqualTo(new[] { "Ready", "Progressing", "Reconciling", "Stalled", "Succeeded" }));
        Assert.That(string.Join(",", status.Conditions.Select(condition => condition.Status)), Is.EqualTo(conditions));
        Assert.That(status.Conditions.Select(condition => condition.ObservedGeneration).Append(status.ObservedGeneration), Is.All.EqualTo(7));
        Assert.That(status.Conditions.Select(condition => condition.Message), Is.All.EqualTo(status.Message));
    }

    [Test]
    public void A_transition_time_moves_with_the_status_only()
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10));
        var later = seen with { Status = Decide(seen).Status, Now = Now.AddHours(1), Problems = [NoSuchRoute] };

        var conditions = Decide(later).Status.Conditions.ToDictionary(condition => condition.Type, condition => condition.LastTransitionTime);

        Assert.That(conditions["Ready"], Is.EqualTo(Now.AddHours(1)));
        Assert.That(conditions["Progressing"], Is.EqualTo(Now), "False before and after");
    }

    [Test]
    public void Counts_all_pods()
    {
        var status = Decide(Rollout(Step(25, StepStage.Judging), "b", Set("a", 10, 9), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3))).Status;

        Assert.That((status.Replicas, status.ReadyReplicas, status.AvailableReplicas, status.CanaryReplicas), Is.EqualTo((13, 12, 12, 3)));
    }

    [Test]
    public void Keeps_evidence_for_a_restart()
    {
        var seen = Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3))
            .With(spec => spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } } });
        var evidence = new Evidence { Since = Now.AddMinutes(-1), Requests = 900, Errors = 3, Class = DataClass.Ok, Message = "read", SampledAt = Now };

        Assert.That(Evidence.From(Decide(seen with { Evidence = evidence }).Status.Evidence!), Is.EqualTo(evidence));
    }

    [Test]
    public void Only_what_carries_traffic_is_sampled()
    {
        var seen = Rollout(Step(5, StepStage.Raising), "b", Set("a", 10), Set("b", 1)).With(TrafficSeen("a", "b", 0, canaryReady: 1))
            .With(spec => spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } } });

        Assert.That(Decide(seen).Sampling, Is.Null);
        Assert.That(Decide(seen.With(TrafficSeen("a", "b", 5, canaryReady: 1))).Sampling!.Revision, Is.EqualTo("b"));
    }

    private static TestCaseData Case(RolloutState state, string asked, Phase phase, string conditions, int weight, string stable, string canary, string step) =>
        new TestCaseData(state, asked, phase, conditions, weight, stable, canary, step).SetName($"Status: {state.GetType().Name} {(state as Progressing)?.Stage}");
}
