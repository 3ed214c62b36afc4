using RolloutController.Api;
using RolloutController.Cli.Output;

namespace RolloutController.Cli.Reading;

/// <summary>What became of the last revisions, as a table.</summary>
internal static class HistoryTable
{
    /// <summary>The lines of the table; none where nothing is known.</summary>
    /// <param name="snapshot">The Rollout, with the ReplicaSets that are kept.</param>
    /// <param name="times">Writes moments.</param>
    /// <param name="most">How many revisions.</param>
    public static IEnumerable<string> Lines(RolloutSnapshot snapshot, Times times, int most)
    {
        var history = snapshot.Rollout.Status.History;
        if (history.Count == 0)
            return [];
        var table = new TextTable("REVISION", "NUMBER", "OUTCOME", "TIME", "IMAGES", "MESSAGE");
        foreach (var record in history.Take(most))
        {
            // What has no number is not kept any more, so nobody can go to it.
            var number = snapshot.Find(record.Revision) is { } set ? FormattableString.Invariant($"{RolloutSnapshot.NumberOf(set)}") : "-";
            table.Add(record.Revision, number, new Cell($"{record.Outcome}", Of(record.Outcome)), times.Full(record.Time), string.Join(", ", record.Images), record.Message);
        }

        return table.Lines();
    }

    private static string? Of(RevisionOutcome outcome) => outcome switch
    {
        RevisionOutcome.Deployed or RevisionOutcome.Promoted => Tone.Good,
        RevisionOutcome.RolledBack or RevisionOutcome.Aborted => Tone.Bad,
        _ => null,
    };
}
