using System.CommandLine;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Output;
using RolloutController.Control;
using Spectre.Console;

namespace RolloutController.Cli.Reading;

/// <summary>The command <c>watch</c>: a Rollout live on a terminal, and a line for each change elsewhere, until Ctrl+C.</summary>
internal static class WatchCommand
{
    /// <summary>How often the picture is drawn though nothing has changed: pods come, and time passes.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var rollout = ClusterCommand.Rollout();
        return ClusterCommand.Create("watch", "Follows a Rollout until Ctrl+C: live on a terminal, a line for each change elsewhere.", context => RunAsync(context, rollout), rollout);
    }

    private static async Task<int> RunAsync(CommandContext context, Argument<string> name)
    {
        var key = context.Key(context.Parsed.GetValue(name)!);
        var first = await new RolloutReader(context.Client).GetAsync(key, context.Cancellation);
        try
        {
            if (context.Screen.IsLive)
                await context.Screen.Console.Live(new Text("")).Cropping(VerticalOverflowCropping.Bottom).StartAsync(live => DrawAsync(context, first, live));
            else
                await PrintAsync(context, first);
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }

        throw new CommandException($"{key} is gone.");
    }

    private static async Task PrintAsync(CommandContext context, RolloutObject first)
    {
        var place = "";
        await foreach (var rollout in new RolloutFollower(context.Client, context.Clock).FollowAsync(first.Key, context.Cancellation))
        {
            if (rollout is null || ProgressLine.Place(rollout) == place)
                continue;
            place = ProgressLine.Place(rollout);
            context.Screen.Write([ProgressLine.Of(rollout, new Times(context.Clock))]);
        }
    }

    private static async Task DrawAsync(CommandContext context, RolloutObject first, LiveDisplayContext live)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        RolloutObject? rollout = first;
        var following = Task.Run(async () =>
        {
            await foreach (var now in new RolloutFollower(context.Client, context.Clock).FollowAsync(first.Key, end.Token))
                Volatile.Write(ref rollout, now);
        }, end.Token);
        while (Volatile.Read(ref rollout) is { } shown && !following.IsFaulted)
        {
            var snapshot = await new RolloutReader(context.Client).SnapshotAsync(shown, context.Cancellation);
            var lines = new Description(snapshot, new Times(context.Clock), command => context.Hint(command, shown.Key)).Lines();
            live.UpdateTarget(new Markup(string.Join('\n', lines)));
            await Task.WhenAny(following, Task.Delay(Refresh, context.Clock, context.Cancellation));
        }

        await following;
    }
}
