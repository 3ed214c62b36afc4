using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Cli.Converting;

/// <summary>Makes of what others ask a Prometheus what a check asks.</summary>
/// <param name="draft">The Rollout.</param>
internal sealed partial class ForeignQuery(RolloutDraft draft)
{
    /// <summary>A note on how a provider is reached.</summary>
    public const string OfProvider = "belongs to the provider, which who runs the controller sets up (docs/settings.md)";

    /// <summary>Ends a note on a provider that the controller does not ask.</summary>
    public const string Instead = "a hook or a job can ask it, or an exporter to Prometheus (docs/providers.md)";

    /// <summary>Fills placeholders such as <c>{{ args.service }}</c> in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">What is put in place of what stands between the braces; null where that is not known.</param>
    /// <returns>The text, and the first placeholder that nothing is known of; null for none.</returns>
    public static (string Text, string? Unknown) Fill(string text, Func<string, string?> value)
    {
        string? unknown = null;
        var filled = Placeholder().Replace(text, match =>
        {
            if (value(match.Groups[1].Value) is { } known)
                return known;
            unknown ??= match.Value;
            return match.Value;
        });
        return (filled, unknown);
    }

    /// <summary>A query as a check writes it; null, with a note, where a check cannot ask it.</summary>
    /// <param name="path">Where it is written.</param>
    /// <param name="query">The query, with the variables of ours.</param>
    public JsonObject? Convert(string path, string query)
    {
        query = query.Trim();
        QueryTemplate template;
        try
        {
            template = QueryTemplate.Parse(query);
        }
        catch (SelectorException wrong)
        {
            draft.Note(path, $"is not converted: {wrong.Message}");
            return null;
        }

        if (template.NamesService && draft.Spec["traffic"]?["routes"] is null)
        {
            draft.Note(path, "is not converted: it asks by the Service of the new version, which there is only with traffic.routes; ask by $pods or $revision (docs/providers.md)");
            return null;
        }

        if (!template.NamesService && !template.NamesRevision)
            draft.Note(path, "asks about both versions together: let it ask by $pods, $revision or $service about one (docs/providers.md)");
        return new JsonObject { ["expression"] = query };
    }

    /// <summary>Says of an address that it is the operator's to set up: a Rollout names none.</summary>
    /// <param name="path">Where it is written.</param>
    /// <param name="address">The address; null where there is none.</param>
    public void Provider(string path, string? address)
    {
        if (address is not null)
            draft.Note(path, $"{Shown(address)} is for who runs the controller to set up as a provider (docs/providers.md); name it in spec.analysis.provider where it is not the default");
    }

    /// <summary>An address without what may be a secret in it.</summary>
    public static string Shown(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Host.Length > 0
        ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/')
        : "the address";

    [GeneratedRegex(@"\{\{-?\s*([^{}]*?)\s*-?\}\}")]
    private static partial Regex Placeholder();
}
