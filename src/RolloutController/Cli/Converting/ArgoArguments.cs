namespace RolloutController.Cli.Converting;

/// <summary>The arguments of an analysis of Argo Rollouts, as far as they are known before one runs.</summary>
/// <param name="draft">The Rollout.</param>
/// <param name="canaryService">The Service of the new version, in whose place a Rollout has another; null for none.</param>
internal sealed class ArgoArguments(RolloutDraft draft, string? canaryService)
{
    private const string Revision = "$revision";
    private const string Namespace = "$namespace";

    private readonly Dictionary<string, string> _values = [];

    /// <summary>Takes arguments; those that are taken first count.</summary>
    public void Add(IEnumerable<FieldReader> arguments)
    {
        foreach (var argument in arguments)
        {
            var name = argument.Text("name") ?? "";
            if ((argument.Text("value") ?? From(argument.Object("valueFrom"))) is { } value)
                _values.TryAdd(name, value);
        }
    }

    /// <summary>Fills a query in, with the variables of ours, and puts the Service of ours in the place of the one of before.</summary>
    /// <returns>The query, and the first placeholder that nothing is known of; null for none.</returns>
    public (string Text, string? Unknown) FillQuery(string query)
    {
        var (filled, unknown) = ForeignQuery.Fill(query, Value);
        return (ForeignText.ReplaceName(filled, canaryService, "$service"), unknown);
    }

    /// <summary>Fills a text in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="revision">What stands for the revision there; null where nothing does.</param>
    /// <returns>The text, and the first placeholder that nothing is known of; null for none.</returns>
    public (string Text, string? Unknown) Fill(string text, string? revision = null) => ForeignQuery.Fill(text, name => Value(name) switch
    {
        Revision => revision,
        Namespace => null,
        var value => value,
    });

    private string? Value(string name) => name.StartsWith("args.", StringComparison.Ordinal) ? _values.GetValueOrDefault(name["args.".Length..]) : null;

    /// <summary>Secrets stay where they are, and there is no variable for the hash of the stable version.</summary>
    private string? From(FieldReader? source)
    {
        if (source is null)
            return null;
        source.Node("secretKeyRef");
        return source.Text("podTemplateHashValue") == "Latest" ? Revision : source.Object("fieldRef")?.Text("fieldPath") switch
        {
            "metadata.namespace" => Namespace,
            "metadata.name" => draft.Source.Name,
            _ => null,
        };
    }
}
