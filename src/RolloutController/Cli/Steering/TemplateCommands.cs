using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Reading;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Steering;

/// <summary>The commands that make a new version: <c>restart</c> and <c>set image</c>. Where a Deployment has the template, they write it there.</summary>
internal static class TemplateCommands
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
    private const string AllContainers = "*";

    private static readonly string[] ContainerLists = ["containers", "initContainers"];

    /// <summary>Makes <c>restart</c>.</summary>
    public static Command Restart()
    {
        var rollout = ClusterCommand.Rollout();
        return ClusterCommand.Create("restart", "Replaces all pods by new ones of the same images, by the steps, as kubectl rollout restart does.", async context =>
        {
            var seen = await new RolloutReader(context.Client).GetAsync(context.Key(context.Parsed.GetValue(rollout)!), context.Cancellation);
            await ChangeAsync(context, seen, template => [Annotate(template, context.Clock.GetUtcNow())]);
            context.Screen.Say($"{seen.Metadata.Name} restarts: a version with the same images goes by the steps. Wait for it: {context.Hint("status {} --wait", seen.Key)}");
            return ExitCodes.Done;
        }, rollout);
    }

    /// <summary>Makes <c>set</c> with <c>image</c>.</summary>
    public static Command Set()
    {
        var rollout = ClusterCommand.Rollout();
        var images = new Argument<string[]>("CONTAINER=IMAGE") { Arity = ArgumentArity.OneOrMore, Description = "The containers with their new images; *=IMAGE sets that of all." };
        images.Validators.Add(result =>
        {
            foreach (var wrong in result.Tokens.Select(token => token.Value).Where(text => text.Split('=', 2) is not [{ Length: > 0 }, { Length: > 0 }]))
                result.AddError($"\"{wrong}\" is no container with an image: write it as app=registry.example.com/shop:1.2.0.");
        });
        var image = ClusterCommand.Create("image", "Writes other images into the template, which makes a new version.", async context =>
        {
            var seen = await new RolloutReader(context.Client).GetAsync(context.Key(context.Parsed.GetValue(rollout)!), context.Cancellation);
            var wanted = context.Parsed.GetValue(images)!.Select(text => text.Split('=', 2)).Select(pair => (Container: pair[0], Image: pair[1])).ToList();
            var changes = new List<ImageChange>();
            await ChangeAsync(context, seen, template =>
            {
                changes.AddRange(Changes(seen, template, wanted));
                return [.. changes.SelectMany(change => change.Operations())];
            });
            foreach (var change in changes)
                context.Screen.Say($"{seen.Metadata.Name}: container {change.Container}: {change.From} becomes {change.To}");
            context.Screen.Say(changes.Count == 0 ? $"{seen.Metadata.Name} has these images already." : $"Wait for it: {context.Hint("status {} --wait", seen.Key)}");
            return ExitCodes.Done;
        }, rollout, images);
        return new Command("set", "Changes a Rollout.") { image };
    }

    private static async Task ChangeAsync(CommandContext context, RolloutObject rollout, Func<JsonElement, IReadOnlyList<JsonObject>> change)
    {
        if (rollout.Spec.WorkloadRef is not { } workload)
        {
            await PatchAsync(RolloutObject.Kind, rollout, rollout.Spec.Template);
            return;
        }

        var deployment = await context.Client.GetAsync(KubernetesKinds.Deployment, new ObjectKey(rollout.Metadata.Namespace, workload.Name), context.Cancellation)
            ?? throw new CommandException($"There is no Deployment {workload.Name} in namespace {rollout.Metadata.Namespace}, which spec.workloadRef names; create it, or name another.");
        await PatchAsync(KubernetesKinds.Deployment, deployment, deployment.Spec.Template);

        async Task PatchAsync<T>(ResourceKind<T> kind, T seen, JsonElement? template)
            where T : class, IKubernetesObject
        {
            var operations = change(template ?? throw new CommandException($"{kind.Kind} {seen.Metadata.Key} has no template."));
            if (operations.Count > 0)
                await ConditionalPatch.PatchAsync(context.Client, kind, seen, operations, context.Cancellation);
        }
    }

    private static JsonObject Annotate(JsonElement template, DateTimeOffset now)
    {
        JsonNode moment = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (!Has(template, "metadata", out var metadata))
            return ConditionalPatch.Operation("add", "/spec/template/metadata", new JsonObject { ["annotations"] = new JsonObject { [RestartedAt] = moment } });
        return Has(metadata, "annotations", out _)
            ? ConditionalPatch.Operation("add", $"/spec/template/metadata/annotations/{RestartedAt.Replace("/", "~1", StringComparison.Ordinal)}", moment)
            : ConditionalPatch.Operation("add", "/spec/template/metadata/annotations", new JsonObject { [RestartedAt] = moment });
    }

    private static IEnumerable<ImageChange> Changes(RolloutObject rollout, JsonElement template, List<(string Container, string Image)> wanted)
    {
        var containers = ContainerLists.SelectMany(list => Containers(template, list)).ToList();
        foreach (var (name, image) in wanted)
        {
            var meant = containers.Where(container => container.Container == name || (name == AllContainers && container.List == "containers")).ToList();
            if (meant.Count == 0)
                throw new CommandException($"{rollout.Metadata.Name} has no container {name}; it has: {string.Join(", ", containers.Select(container => container.Container))}");
            foreach (var container in meant.Where(container => container.From != image))
                yield return container with { To = image };
        }
    }

    private static IEnumerable<ImageChange> Containers(JsonElement template, string list) =>
        Has(template, "spec", out var spec) && spec.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Select((item, index) => new ImageChange(list, index, Text(item, "name"), Text(item, "image"), ""))
            : [];

    private static string Text(JsonElement item, string field) => item.TryGetProperty(field, out var value) ? value.GetString() ?? "" : "";

    private static bool Has(JsonElement json, string field, out JsonElement value) => json.TryGetProperty(field, out value) && value.ValueKind == JsonValueKind.Object;

    /// <summary>Another image for a container.</summary>
    private sealed record ImageChange(string List, int Index, string Container, string From, string To)
    {
        private string Path => FormattableString.Invariant($"/spec/template/spec/{List}/{Index}");

        /// <summary>Writes it, if the container still stands where it stood.</summary>
        public IEnumerable<JsonObject> Operations() =>
            [ConditionalPatch.Operation("test", $"{Path}/name", Container), ConditionalPatch.Operation("add", $"{Path}/image", To)];
    }
}
