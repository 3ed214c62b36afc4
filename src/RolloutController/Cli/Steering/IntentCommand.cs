using System.CommandLine;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Reading;
using RolloutController.Control;
using RolloutController.Control.Intents;

namespace RolloutController.Cli.Steering;

/// <summary>Writes what a person wants into the spec, as the page and kubectl do, and waits for what the controller makes of it.</summary>
internal static class IntentCommand
{
    private const string Source = "cli";

    private static readonly Option<string> Limit = DurationOption.Create("--timeout", "How long to wait for the controller's answer. Without: 10s.");

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="choose">Makes the intent for the Rollout as it is.</param>
    /// <param name="options">Its own options.</param>
    public static Command Create(string name, string description, Func<CommandContext, RolloutSnapshot, Intent> choose, params IEnumerable<Option> options)
    {
        var rollout = ClusterCommand.Rollout();
        return ClusterCommand.Create(name, description, async context =>
        {
            var seen = await new RolloutReader(context.Client).SnapshotAsync(context.Key(context.Parsed.GetValue(rollout)!), context.Cancellation);
            return await CarryOutAsync(context, seen.Rollout, choose(context, seen));
        }, [rollout, .. options, Limit]);
    }

    private static async Task<int> CarryOutAsync(CommandContext context, RolloutObject seen, Intent intent)
    {
        var name = seen.Metadata.Name;
        if (!Intent.IsOperation(intent.Verb) && seen.Spec.Paused == (intent.Verb == IntentVerb.Pause))
        {
            context.Screen.Say(seen.Spec.Paused ? $"{name} is paused already." : $"{name} is not paused.");
            return ExitCodes.Done;
        }

        var id = Intent.Id(Source, context.Clock.GetUtcNow());
        var written = await ConditionalPatch.PatchAsync(context.Client, RolloutObject.Kind, seen, Operations(intent, id), context.Cancellation);
        var limit = context.Parsed.GetValue(Limit) is { } given ? GatewayDuration.Parse(given) : DefaultLimit;
        var (isAnswered, answer) = await new RolloutFollower(context.Client, context.Clock).UntilAsync(seen.Key, now => IsAnswered(now, intent, id, written), limit, context.Cancellation);
        if (!isAnswered)
        {
            throw new CommandException(
                $"{intent.Verb} of {name} is asked for, and the controller has not answered within {GatewayDuration.Format(limit)}. It is carried out when it does; is it running? kubectl -n rollout-system get pods",
                ExitCodes.NotOver);
        }

        return answer is null ? throw new CommandException($"{seen.Key} is gone.") : Tell(context, answer, intent);
    }

    private static IEnumerable<JsonObject> Operations(Intent intent, string id) => intent.Spec(id, Environment.UserName)
        .Select(field => ConditionalPatch.Operation("add", $"/spec/{field.Key}", field.Value is JsonObject value ? WithoutNull(value) : field.Value!.DeepClone()));

    private static JsonObject WithoutNull(JsonObject value) => new(value.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));

    private static bool IsAnswered(RolloutObject? now, Intent intent, string id, RolloutObject written) =>
        now is null || (Intent.IsOperation(intent.Verb) ? now.Status.Operation?.Id == id : now.Status.ObservedGeneration >= written.Metadata.Generation);

    private static int Tell(CommandContext context, RolloutObject answer, Intent intent)
    {
        var name = answer.Metadata.Name;
        if (!Intent.IsOperation(intent.Verb))
        {
            context.Screen.Say($"{name} {(intent.Verb == IntentVerb.Pause ? "is paused" : "goes on")}: {answer.Status.Message}");
            return ExitCodes.Done;
        }

        var result = answer.Status.Operation!;
        if (result.Outcome == OperationOutcome.Refused)
            throw new CommandException($"{name}: {intent.Verb} is refused: {result.Message}");
        context.Screen.Say($"{name}: {result.Message}");
        context.Screen.Say($"{name}: {answer.Status.Message}");
        return ExitCodes.Done;
    }
}
