using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.GitOps;

/// <summary>A Rollout in every state that GitOps tools have to tell apart, with the status that the planner reports.</summary>
internal static class ReportedStates
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(2);

    /// <summary>What it is, what Argo CD is to call it, what kstatus is to call it, and the object.</summary>
    public static IEnumerable<TestCaseData> All()
    {
        yield return Case("the first version comes up", "Progressing", "InProgress", Rollout(new Deploying("a", Now), "a", Set("a", 10, 0)));
        yield return Case("the version asked for serves", "Healthy", "Current", Rollout(new AtRest("a"), "a", Set("a", 10)));
        yield return Case("pods of a new version come up", "Progressing", "InProgress", Rollout(Step(5, StepStage.Raising), "b", Set("a", 10), Set("b", 1, 0)).With(TrafficSeen("a", "b")));
        yield return Case("a new version is judged", "Progressing", "InProgress", Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)));
        yield return Case("a step waits for a person", "Suspended", "InProgress", Waiting);
        yield return Case("a new version waits at rest", "Suspended", "InProgress", Rollout(new AtRest("a"), "b", Set("a", 10)).With(spec => spec with { Paused = true }));
        yield return Case("progress is frozen", "Suspended", "InProgress", Frozen());
        yield return Case("a version is promoted", "Progressing", "InProgress", Rollout(Promotion(ConclusionStage.Shifting), "b", Set("a", 10), Set("b", 10)).With(TrafficSeen("b", "b", 100, 10, 10)));
        yield return Case("a promoted version has the traffic, and old pods drain", "Healthy", "Current", Rollout(Promotion(ConclusionStage.Settling), "b", Set("a", 10), Set("b", 10)).With(TrafficSeen("b", "b", 0, 10, 10)));
        yield return Case("a version goes back", "Progressing", "InProgress", Rollout(Back(ConclusionStage.Shifting), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)));
        yield return Case("a version was rolled back", "Degraded", "Failed", Rollout(new AtRest("a"), "b", Set("a", 10)).WithStatus(status => status with { FailedRevision = "b" }));
        yield return Case("a version was undone", "Degraded", "Failed", Rollout(new AtRest("a"), "b", Set("a", 10), Set("b", 0)).WithStatus(status => status with { Undo = new UndoneTemplate("b", "a") }));
        yield return Case("the spec cannot be carried out", "Degraded", "Failed", Rollout(new AtRest("a"), "a", Set("a", 10)) with { Problems = [new Problem(EventReason.ServiceNotFound, "spec.traffic.service", "there is none")] });
        yield return Case("a route is not accepted", "Degraded", "Failed", Rollout(Step(25, StepStage.Raising, Long), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3, notAccepted: "the gateway says no")));
        yield return Case("nobody is served", "Degraded", "Failed", Rollout(Back(ConclusionStage.Pinning), "b", Set("a", 10, 0), Set("b", 3, 0)).With(TrafficSeen("a", "b", 25, 0, 0)));
    }

    /// <summary>A step waits for a person.</summary>
    public static Observation Waiting { get; } = Rollout(Step(25, StepStage.Judging, Long), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3))
        .With(spec => spec with { Steps = [new StepSpec { Weight = 5 }, new StepSpec { Weight = 25, Pause = true }, new StepSpec { Weight = 100 }] });

    /// <summary>The object, with the status that the planner reports.</summary>
    public static JsonObject Reported(Observation seen) => new()
    {
        ["metadata"] = new JsonObject { ["generation"] = seen.Rollout.Generation },
        ["spec"] = new JsonObject { ["paused"] = seen.Spec.Paused },
        ["status"] = ApiJson.Write(Planner.Decide(seen).Status),
    };

    private static Observation Frozen()
    {
        var seen = Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)).With(spec => spec with { Paused = true });
        return seen with { Status = Planner.Decide(seen).Status };
    }

    private static Promoting Promotion(ConclusionStage stage) => new("a", "b", Routes, stage, Now);

    private static RollingBack Back(ConclusionStage stage) => new("a", "b", Routes, stage, Now, RollbackCause.Failed);

    private static TestCaseData Case(string what, string health, string kstatus, Observation seen) => new TestCaseData(health, kstatus, Reported(seen)).SetArgDisplayNames(what);
}
