using System.Globalization;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>Turns a decision into the plan and the status that people and programs read.</summary>
internal static class Report
{
    /// <summary>Makes the plan.</summary>
    /// <param name="seen">What was there, with the state that was decided.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="notices">What to tell people, of every state that the pass went through.</param>
    /// <param name="operation">What became of the operation.</param>
    public static Plan Plan(Observation seen, Decision decision, IReadOnlyList<Notice> notices, OperationResult? operation)
    {
        var state = decision.State;
        var evidence = state is Progressing step && Judges(seen.Spec, step) ? seen.Evidence : null;
        var status = seen.Status with
        {
            ObservedGeneration = seen.Rollout.Generation,
            Phase = decision.Phase,
            Message = decision.Message,
            State = state,
            StableRevision = Stable(state),
            CanaryRevision = Canary(state),
            StepIndex = StepIndex(seen, state),
            Step = string.Create(CultureInfo.InvariantCulture, $"{ShownStep(seen, state)}/{seen.Spec.Steps.Count}"),
            Weight = Weight(seen, state),
            Operation = operation,
            Replicas = seen.Revisions.Sum(set => set.Current),
            ReadyReplicas = seen.Revisions.Sum(set => set.Ready),
            AvailableReplicas = seen.Revisions.Sum(set => set.Available),
            CanaryReplicas = state is InFlight flight ? seen.Find(flight.Canary)?.Current ?? 0 : 0,
            Evidence = evidence?.Stored(),
        };
        status = status with { Conditions = Conditions.Of(seen, decision) };
        return new Plan(status, decision.Effects, decision.WakeAt, notices, evidence, Sampling(seen, state));
    }

    /// <summary>Percent of the traffic that the newest revision was read back to carry.</summary>
    public static int Weight(Observation seen, RolloutState state) => state switch
    {
        Deploying deploying => seen.Find(deploying.Revision)?.Available > 0 ? 100 : 0,
        AtRest rest => IsAsked(seen, rest.Revision) ? 100 : 0,
        Concluding { IsRouted: true, Stage: ConclusionStage.Settling } settling => IsAsked(seen, settling.Survivor) ? 100 : 0,
        Promoting { IsRouted: true } => 100,
        InFlight { IsRouted: true } => seen.Traffic?.Weight ?? 0,
        InFlight counted => ReplicaArithmetic.TrueWeight(seen.Find(counted.Canary)?.Ready ?? 0, seen.Revisions.Sum(set => set.Ready)),
        _ => 0,
    };

    private static bool IsAsked(Observation seen, string revision) => seen.Template is TemplateView.Accepted asked && asked.Revision == revision;

    private static string Stable(RolloutState state) => state switch
    {
        AtRest rest => rest.Revision,
        Promoting { Stage: ConclusionStage.Settling } settling => settling.Canary,
        InFlight flight => flight.Stable,
        _ => "",
    };

    private static string Canary(RolloutState state) => state switch
    {
        Deploying deploying => deploying.Revision,
        Promoting { Stage: ConclusionStage.Settling } => "",
        InFlight flight => flight.Canary,
        _ => "",
    };

    /// <summary>Steps that lie behind: all of them once promoted, none after a rollback.</summary>
    private static int StepIndex(Observation seen, RolloutState state) => state switch
    {
        Progressing step => StepPlanner.IndexOf(seen.Spec, step.Weight),
        Promoting => seen.Spec.Steps.Count,
        Concluding { Stage: ConclusionStage.Settling } settling when IsAsked(seen, settling.Survivor) => seen.Spec.Steps.Count,
        AtRest rest when IsAsked(seen, rest.Revision) => seen.Spec.Steps.Count,
        _ => 0,
    };

    private static int ShownStep(Observation seen, RolloutState state) =>
        state is Progressing step ? StepPlanner.IndexOf(seen.Spec, step.Weight) + 1 : StepIndex(seen, state);

    private static SamplingPlan? Sampling(Observation seen, RolloutState state) => state switch
    {
        Progressing { Skip: SkipScope.Rest } => null,
        // Before the pods are there, nobody could be asked; the first look comes with the last of them.
        Progressing { Stage: StepStage.Previewing } step when !(seen.Find(step.Canary)?.SureAvailable >= StepPlanner.NeededPods(seen, step)) => null,
        Progressing { IsAtGates: true } step =>
            new SamplingPlan(step.Canary, Gates.Interval(seen.Spec)) { Checks = [.. Gates.Of(seen.Spec, step.Stage)] },
        Progressing step when seen.Spec.Analysis is { } analysis && Judges(seen.Spec, step) && (Weight(seen, state) > 0 || seen.Traffic is { CarriesMatched: true }) =>
            new SamplingPlan(step.Canary, analysis.Interval) { CountsRequests = analysis.ErrorRate is not null, Checks = Runnable(analysis.Checks, step.Stage) },
        _ => null,
    };

    /// <summary>A Job runs once at each step, when its weight is carried.</summary>
    private static IReadOnlyList<CheckSpec> Runnable(IReadOnlyList<CheckSpec> checks, StepStage stage) =>
        stage != StepStage.Raising || checks.All(check => check.Job is null) ? checks : [.. checks.Where(check => check.Job is null)];

    private static bool Judges(RolloutSpec spec, Progressing step) =>
        step.Skip != SkipScope.Rest && (step.IsAtGates || spec.Analysis is { ErrorRate: not null } or { Checks.Count: > 0 });
}
