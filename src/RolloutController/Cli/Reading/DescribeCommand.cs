using System.CommandLine;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Output;

namespace RolloutController.Cli.Reading;

/// <summary>The commands that look at one Rollout once: <c>describe</c>, <c>explain</c> and <c>history</c>.</summary>
internal static class DescribeCommand
{
    private const int All = int.MaxValue;

    /// <summary>Makes <c>describe</c>.</summary>
    public static Command Describe() => Create(
        "describe", "Shows a Rollout on one screen: steps, weights, pods, checks with values and limits, what it waits for, and history.",
        (snapshot, times, hint) => new Description(snapshot, times, hint).Lines());

    /// <summary>Makes <c>explain</c>.</summary>
    public static Command Explain() => Create(
        "explain", "Says why a Rollout is where it is, what it takes to go on, and what you can do.",
        (snapshot, times, hint) => new Explanation(snapshot, times, hint).Lines());

    /// <summary>Makes <c>history</c>.</summary>
    public static Command History() => Create(
        "history", "Lists what became of the last revisions; those with a number are kept, and can be undone to.",
        (snapshot, times, _) => HistoryTable.Lines(snapshot, times, All).ToList() is { Count: > 0 } lines ? lines : ["Nothing has become of any revision yet."]);

    private static Command Create(string name, string description, Func<RolloutSnapshot, Times, Func<string, string>, IEnumerable<string>> lines)
    {
        var rollout = ClusterCommand.Rollout();
        return ClusterCommand.Create(name, description, async context =>
        {
            var key = context.Key(context.Parsed.GetValue(rollout)!);
            var snapshot = await new RolloutReader(context.Client).SnapshotAsync(key, context.Cancellation);
            context.Screen.Write(lines(snapshot, new Times(context.Clock), command => context.Hint(command, key)));
            return ExitCodes.Done;
        }, rollout);
    }
}
