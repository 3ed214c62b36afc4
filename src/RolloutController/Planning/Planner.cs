using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// Decides what to do about one Rollout. Pure: the same observation gives the same plan. It reads as the runbook that it replaces,
/// a file for each part: <see cref="RestPlanner"/>, <see cref="StepPlanner"/>, <see cref="ConclusionPlanner"/>.
/// </summary>
public static class Planner
{
    /// <summary>
    /// How many states one pass may go through. Every transition rests on the observation, which stands still, so a chain ends; the
    /// longest is twenty steps without a hold where pod counts make the split and no count changes: raised, judged, raised again.
    /// </summary>
    private const int MaxTransitions = 50;

    /// <summary>Decides what to do next.</summary>
    public static Plan Decide(Observation observation)
    {
        var (after, operation) = Operations.CarryOut(Undoing.Kept(observation));
        var notices = Operations.Tell(observation, after, operation).ToList();
        var seen = Undoing.Read(after);
        var rollback = seen.Status.LastRollback;
        for (var transition = 0; ; transition++)
        {
            var decision = Look(seen);
            notices.AddRange(decision.Notices);
            rollback = decision.Rollback ?? rollback;
            seen = seen with
            {
                Evidence = decision.Evidence ?? seen.Evidence,
                Status = seen.Status with { FailedRevision = decision.FailedRevision ?? seen.Status.FailedRevision, LastRollback = rollback },
            };
            if (decision.State == seen.Status.State || transition == MaxTransitions)
            {
                decision = FirstSight.Note(seen with { Template = observation.Template }, Attention.Marked(seen, Ownership.Settle(seen, decision)));
                return Report.Plan(seen, decision, [.. notices, .. Attention.Of(seen, decision, notices.Count > 0)], operation);
            }

            seen = Undoing.Read(Undoing.Kept(RevisionHistory.Enter(seen, decision.State) with { Template = observation.Template }));
        }
    }

    private static Decision Look(Observation seen) => seen.Status.State switch
    {
        Initial when RestPlanner.Lost(seen) is { } rollback => new Decision(rollback),
        InFlight flight when seen.Rollout.DeletedAt is not null => DeletionPlanner.Unwind(seen, flight),
        _ when seen.Rollout.DeletedAt is not null => DeletionPlanner.LetGo(seen),
        Initial => RestPlanner.Begin(seen),
        Deploying state => RestPlanner.Deploy(seen, state),
        AtRest state => RestPlanner.Rest(seen, state),
        Progressing state => StepPlanner.Step(seen, state),
        Concluding state => ConclusionPlanner.Conclude(seen, state),
        var state => throw new InvalidOperationException($"there is no runbook for the state {state}"),
    };
}
