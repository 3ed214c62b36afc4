using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// Going back to a revision whose ReplicaSet is still kept. The template is never written, because it is the user's, and GitOps would
/// write it again; instead, as long as the template asks for one revision, another one is carried out in its place.
/// </summary>
internal static class Undoing
{
    /// <summary>
    /// Forgets an undo that holds no longer: the template asks for something else, the revision to go to is gone, or it was tried, failed,
    /// and the one that the template asks for has all the traffic again.
    /// </summary>
    public static Observation Kept(Observation seen)
    {
        if (seen.Status.Undo is not { } undo)
            return seen;
        var holds = (seen.Template is not TemplateView.Accepted asked || asked.Revision == undo.From)
            && seen.Find(undo.To) is not null
            && !(seen.Status.State == new AtRest(undo.From) && seen.Status.FailedRevision == undo.To);
        return holds ? seen : seen with { Status = seen.Status with { Undo = null } };
    }

    /// <summary>What is to be carried out: the revision that a person went back to in place of the one that the template asks for.</summary>
    public static Observation Read(Observation seen) => seen is { Status.Undo: { } undo, Template: TemplateView.Accepted }
        ? seen with { Template = new TemplateView.Accepted(undo.To) }
        : seen;

    /// <summary>
    /// Carries an undo out: at once where the pods to go back to are still up, else by the steps, as any other start. A record that was lost
    /// may have held that it was done long ago, for another template.
    /// </summary>
    /// <returns>The observation after it, and why it was refused; null where it was not.</returns>
    public static (Observation After, string? Refusal) Undo(Observation seen, OperationRequest asked)
    {
        if (seen.Status.State is Initial || seen.Template is not TemplateView.Accepted template)
            return (seen, $"nothing tells what to go back from: {(seen.Status.State is Initial ? "the Rollout has no record yet" : "the template is not accepted")}; {Choices(seen)}");
        if (Running(seen.Status.State) == asked.Revision)
            return (seen, $"{asked.Revision} is the revision that runs already; {Choices(seen)}");
        if (seen.Find(asked.Revision) is null)
            return (seen, $"there is no ReplicaSet of {asked.Revision} any more; {Choices(seen)}");
        var after = seen with
        {
            Status = seen.Status with
            {
                Undo = template.Revision == asked.Revision ? null : new UndoneTemplate(template.Revision, asked.Revision),
                FailedRevision = seen.Status.FailedRevision == asked.Revision ? "" : seen.Status.FailedRevision,
            },
        };
        return (seen.Status.State switch
        {
            Progressing step when step.Stable == asked.Revision => Operations.TakeBack(after, step, asked, RollbackCause.Undone, $"undone at {step.Weight} %"),
            Promoting promoting when promoting.Stable == asked.Revision && IsWarm(seen, asked.Revision) =>
                Operations.TakeBack(after, promoting, asked, RollbackCause.Undone, "undone after it passed every step"),
            _ => after,
        }, null);
    }

    private static bool IsWarm(Observation seen, string revision) => seen.Find(revision) is { } set && set.SureAvailable >= RestPlanner.Enough(seen);

    private static string? Running(RolloutState state) => state switch
    {
        AtRest rest => rest.Revision,
        Deploying deploying => deploying.Revision,
        Progressing step => step.Canary,
        Concluding concluding => concluding.Survivor,
        _ => null,
    };

    private static string Choices(Observation seen)
    {
        var running = Running(seen.Status.State);
        var kept = seen.Revisions.Where(set => set.Revision != running).OrderByDescending(set => set.Number)
            .Select(set => set.Images.Count == 0 ? set.Revision : $"{set.Revision} ({string.Join(", ", set.Images)})").ToList();
        return kept.Count == 0 ? "no other revision is kept" : $"it can be undone to: {string.Join(", ", kept)}";
    }
}
