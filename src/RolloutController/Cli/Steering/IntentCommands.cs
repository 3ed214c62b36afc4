using System.CommandLine;
using RolloutController.Api;
using RolloutController.Cli.Reading;
using RolloutController.Control;
using RolloutController.Control.Intents;

namespace RolloutController.Cli.Steering;

/// <summary>The commands that say what is to become of a rollout. The controller judges whether it can be; they only find the revision that is meant.</summary>
internal static class IntentCommands
{
    private static readonly Option<bool> Full = new("--full") { Description = "Go to 100 % without further steps, and without looking at anything but its pods." };
    private static readonly Option<string> To = new("--to") { HelpName = "REVISION", Description = "The revision, or its number as history shows it. Without: the version before." };

    /// <summary>Makes all of them.</summary>
    public static IEnumerable<Command> All() =>
    [
        IntentCommand.Create("promote", "Lets a step with pause: true go on.", (context, seen) => Promote(seen, context.Parsed.GetValue(Full)), Full),
        IntentCommand.Create("skip", "Goes on from the step that runs, without its hold, pause and pass.", (_, seen) => new Intent(IntentVerb.Skip, Canary(seen))),
        IntentCommand.Create("abort", "Sends all traffic back to the stable version.", (_, seen) => new Intent(IntentVerb.Abort, Canary(seen))),
        IntentCommand.Create("retry", "Tries the version again that failed or was undone.", (_, seen) => Retry(seen)),
        IntentCommand.Create("pause", "Freezes progress; a version that fails still goes back.", (_, _) => new Intent(IntentVerb.Pause)),
        IntentCommand.Create("resume", "Lets a paused rollout go on.", (_, _) => new Intent(IntentVerb.Resume)),
        IntentCommand.Create("undo", "Goes to an earlier revision: at once while its pods are up, else by the steps.", (context, seen) => new Intent(IntentVerb.Undo, Earlier(seen, context.Parsed.GetValue(To))), To),
    ];

    private static Intent Promote(RolloutSnapshot seen, bool full)
    {
        if (!full)
            return new Intent(IntentVerb.Promote, Canary(seen));
        var status = seen.Rollout.Status;
        return new Intent(IntentVerb.PromoteFull, (status.State as InFlight)?.Canary ?? Untried(status) ?? Canary(seen));
    }

    private static Intent Retry(RolloutSnapshot seen) => new(IntentVerb.Retry, Untried(seen.Rollout.Status)
        ?? throw new CommandException($"{seen.Rollout.Metadata.Name}: no version failed or was undone, so there is none to try again. {Now(seen)}"));

    /// <summary>The version asked for that is not tried by itself; null where there is none.</summary>
    private static string? Untried(RolloutStatus status) => status.FailedRevision.Length > 0 ? status.FailedRevision : status.Undo?.From;

    private static string Canary(RolloutSnapshot seen) => (seen.Rollout.Status.State as InFlight)?.Canary
        ?? throw new CommandException($"{seen.Rollout.Metadata.Name}: no rollout is running. {Now(seen)}");

    private static string Now(RolloutSnapshot seen) => $"Now: {seen.Rollout.Status.Message}";

    private static string Earlier(RolloutSnapshot seen, string? to)
    {
        if (seen.IsPartial)
            return to ?? throw new CommandException($"{seen.Rollout.Metadata.Name}: your rights do not let you see which revisions are kept; name the one to go to with --to, by its hash in history.");
        var running = Running(seen.Rollout.Status.State);
        var kept = seen.Sets.Select(each => each.Set).Where(set => ReplicaSets.Revision(set) != running).OrderByDescending(RolloutSnapshot.NumberOf).ToList();
        if (to is null)
            return Before(seen, running) ?? throw new CommandException($"{seen.Rollout.Metadata.Name}: there is no earlier version to go to; no other revision is kept.");
        return kept.Where(set => ReplicaSets.Revision(set) == to || FormattableString.Invariant($"{RolloutSnapshot.NumberOf(set)}") == to).Select(ReplicaSets.Revision).FirstOrDefault()
            ?? throw new CommandException(kept.Count == 0
                ? $"{seen.Rollout.Metadata.Name}: {to} is not kept, nor is any other revision but the one that runs."
                : $"{seen.Rollout.Metadata.Name}: {to} is not kept; it can be undone to: {string.Join(", ", kept.Select(Choice))}");
    }

    private static string? Running(RolloutState state) => state switch
    {
        Concluding concluding => concluding.Survivor,
        InFlight flight => flight.Canary,
        AtRest rest => rest.Revision,
        Deploying first => first.Revision,
        _ => null,
    };

    /// <summary>Midway it is the stable version; at rest the last one that had all the traffic and is still kept.</summary>
    private static string? Before(RolloutSnapshot seen, string? running) => seen.Rollout.Status.State switch
    {
        Progressing or Promoting => ((InFlight)seen.Rollout.Status.State).Stable,
        _ => seen.Rollout.Status.History
            .Where(record => record.Outcome is RevisionOutcome.Promoted or RevisionOutcome.Deployed && record.Revision != running && seen.Find(record.Revision) is not null)
            .Select(record => record.Revision).FirstOrDefault(),
    };

    private static string Choice(Kubernetes.ReplicaSet set) => FormattableString.Invariant($"{ReplicaSets.Revision(set)} (number {RolloutSnapshot.NumberOf(set)}, {string.Join(", ", set.Spec.Template.Images)})");
}
