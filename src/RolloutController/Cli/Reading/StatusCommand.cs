using System.CommandLine;
using RolloutController.Api;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Output;
using RolloutController.Control;

namespace RolloutController.Cli.Reading;

/// <summary>The command <c>status</c>: how a rollout stands, or ends, as a line and an exit code for pipelines.</summary>
internal static class StatusCommand
{
    private static readonly Option<bool> Wait = new("--wait", "-w") { Description = "Wait until it is promoted, rolled back, or goes no further without a person." };
    private static readonly Option<string> Limit = DurationOption.Create("--timeout", "With --wait, how long. Without: as long as it takes.");

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var rollout = ClusterCommand.Rollout();
        var command = ClusterCommand.Create(
            "status", "Tells how a rollout stands, by exit code: 0 promoted, 3 rolled back, 4 goes no further without a person, 5 not over.", context => RunAsync(context, rollout), rollout, Wait, Limit);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(Wait) && result.GetValue(Limit) is not null)
                result.AddError("--timeout is for waiting: write --wait, too.");
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Argument<string> name)
    {
        var key = context.Key(context.Parsed.GetValue(name)!);
        var rollout = await new RolloutReader(context.Client).GetAsync(key, context.Cancellation);
        if (context.Parsed.GetValue(Wait))
            rollout = await WaitAsync(context, rollout);
        var outcome = RolloutOutcomes.Of(rollout);
        Tell(context, rollout, outcome);
        return RolloutOutcomes.ExitCode(outcome);
    }

    private static async Task<RolloutObject> WaitAsync(CommandContext context, RolloutObject rollout)
    {
        var place = "";
        var timeout = context.Parsed.GetValue(Limit) is { } limit ? GatewayDuration.Parse(limit) : (TimeSpan?)null;
        var (_, last) = await new RolloutFollower(context.Client, context.Clock).UntilAsync(rollout.Key, now =>
        {
            if (now is null)
                throw new CommandException($"{rollout.Key} is gone.");
            rollout = now;
            var isOver = RolloutOutcomes.Of(now) != RolloutOutcome.UnderWay;
            if (!isOver && ProgressLine.Place(now) is var next && next != place)
                context.Screen.Write([ProgressLine.Of(now, new Times(context.Clock))]);
            place = ProgressLine.Place(now);
            return isOver;
        }, timeout, context.Cancellation);
        return last ?? rollout;
    }

    private static void Tell(CommandContext context, RolloutObject rollout, RolloutOutcome outcome)
    {
        var name = rollout.Metadata.Name;
        var (word, tone) = outcome switch
        {
            RolloutOutcome.Promoted => ("is promoted", Tone.Good),
            RolloutOutcome.RolledBack => ("is rolled back", Tone.Bad),
            RolloutOutcome.NeedsPerson => ("goes no further without a person", Tone.Waits),
            _ => (context.Parsed.GetValue(Wait) ? "is not over, and time is up" : "is not over", Tone.Busy),
        };
        context.Screen.Write([$"{Tone.Paint($"{name} {word}", tone)}: {Spectre.Console.Markup.Escape(Message(rollout))}"]);
        if (outcome is RolloutOutcome.NeedsPerson or RolloutOutcome.RolledBack)
            context.Screen.Say($"Why, and what to do: {context.Hint("explain {}", rollout.Key)}");
    }

    private static string Message(RolloutObject rollout) => rollout.Status.ObservedGeneration < rollout.Metadata.Generation
        ? "the controller has not seen the newest spec; is it running? kubectl -n rollout-system get pods"
        : rollout.Status.Message;
}
