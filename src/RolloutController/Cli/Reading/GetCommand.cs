using System.CommandLine;
using System.Text.Json.Nodes;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Output;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Reading;

/// <summary>The command <c>get</c>: Rollouts as a table, or as the API has them.</summary>
internal static class GetCommand
{
    private static readonly ResourceKind<RawObject> Raw = RawObject.Kind(RolloutObject.Kind.Group, RolloutObject.Kind.Version, RolloutObject.Kind.Kind, RolloutObject.Kind.Plural);

    private static readonly Option<string> Format = new("--output", "-o") { HelpName = "wide|json|yaml|name", Description = "How they are printed. Without: a table." };
    private static readonly Option<bool> Everywhere = new("--all-namespaces", "-A") { Description = "Those of all namespaces." };
    private static readonly Option<string> Selector = new("--selector", "-l") { HelpName = "LABELS", Description = "Those that a label selector picks, such as team=shop,tier!=test." };

    static GetCommand() => Format.AcceptOnly("wide", "json", "yaml", "name");

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var rollouts = new Argument<string[]>("ROLLOUT") { HelpName = "ROLLOUT", Arity = ArgumentArity.ZeroOrMore, Description = "The Rollouts. Without: all of the namespace." };
        rollouts.CompletionSources.Add(ClusterCommand.Names);
        var command = ClusterCommand.Create("get", "Lists Rollouts with where they are and what they wait for.", context => RunAsync(context, rollouts), rollouts, Format, Everywhere, Selector);
        command.Validators.Add(result =>
        {
            var named = result.GetValue(rollouts) is { Length: > 0 };
            if (named && (result.GetValue(Everywhere) || result.GetValue(Selector) is not null))
                result.AddError("Name Rollouts, or pick them with --selector and --all-namespaces: not both.");
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Argument<string[]> rollouts)
    {
        var names = (context.Parsed.GetValue(rollouts) ?? []).Select(context.Key).ToList();
        var format = context.Parsed.GetValue(Format);
        if (format is "json" or "yaml")
            return await PrintAsync(context, names, format);
        var everywhere = context.Parsed.GetValue(Everywhere);
        var found = names.Count > 0 ? await NamedAsync(context, names) : await AllAsync(context);
        if (format == "name")
            context.Screen.Write(found.Select(rollout => $"rollout.rollouts.dev/{rollout.Metadata.Name}"));
        else if (found.Count > 0)
            context.Screen.Write(RolloutTable.Lines(found, everywhere, format == "wide", new Times(context.Clock)));
        else
            await context.Parsed.InvocationConfiguration.Error.WriteLineAsync(everywhere ? "There are no Rollouts." : $"There are no Rollouts in namespace {context.Cluster.Namespace}.");
        return ExitCodes.Done;
    }

    private static async Task<IReadOnlyList<RolloutObject>> NamedAsync(CommandContext context, IEnumerable<ObjectKey> names)
    {
        var reader = new RolloutReader(context.Client);
        var found = new List<RolloutObject>();
        foreach (var name in names)
            found.Add(await reader.GetAsync(name, context.Cancellation));
        return found;
    }

    private static async Task<IReadOnlyList<RolloutObject>> AllAsync(CommandContext context)
    {
        var list = await ListAsync(context, RolloutObject.Kind);
        foreach (var unreadable in list.Unreadable)
            await context.Parsed.InvocationConfiguration.Error.WriteLineAsync($"{unreadable.Key} cannot be read by this version; look at it with -o yaml");
        return [.. list.Items.OrderBy(rollout => rollout.Metadata.Namespace, StringComparer.Ordinal).ThenBy(rollout => rollout.Metadata.Name, StringComparer.Ordinal)];
    }

    private static Task<ResourceList<T>> ListAsync<T>(CommandContext context, ResourceKind<T> kind)
        where T : class, IKubernetesObject => new RolloutReader(context.Client).ListAsync(
            kind, context.Parsed.GetValue(Everywhere) ? null : context.Cluster.Namespace, new ListOptions(context.Parsed.GetValue(Selector)), context.Cancellation);

    private static async Task<int> PrintAsync(CommandContext context, List<ObjectKey> names, string format)
    {
        var items = new List<JsonObject>();
        foreach (var name in names)
            items.Add(Printed(await new RolloutReader(context.Client).GetAsync(Raw, name, context.Cancellation)));
        if (names.Count == 0)
            items.AddRange((await ListAsync(context, Raw)).Items.Select(Printed));
        JsonNode printed = names.Count == 1 ? items[0] : new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. items]) };
        await context.Parsed.InvocationConfiguration.Output.WriteAsync(format == "yaml" ? YamlWriter.Write(printed) : $"{JsonText.Indented(printed)}\n");
        return ExitCodes.Done;
    }

    /// <summary>Kind first, as people write it, and without the book-keeping of field managers, as kubectl shows it.</summary>
    private static JsonObject Printed(RawObject item)
    {
        var printed = new JsonObject { ["apiVersion"] = Raw.ApiVersion, ["kind"] = Raw.Kind };
        foreach (var field in item.Json.EnumerateObject().Where(field => field.Name is not ("apiVersion" or "kind")))
            printed[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        (printed["metadata"] as JsonObject)?.Remove("managedFields");
        return printed;
    }
}
