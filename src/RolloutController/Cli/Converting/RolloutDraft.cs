using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>A Rollout that is being made of something else, and what has to be said about it.</summary>
internal sealed class RolloutDraft
{
    private const int MostSteps = 20;
    private const int MostChecks = 20;

    private readonly List<string> _notes = [];
    private readonly JsonObject _metadata;

    /// <summary>Begins a Rollout with the name, the labels and the namespace of its source.</summary>
    public RolloutDraft(Manifest source)
    {
        Source = source;
        From = new FieldReader(source.Where, "spec", source.Json["spec"] as JsonObject ?? throw new ManifestException(source.Where, "spec", "is missing"));
        _metadata = new JsonObject { ["name"] = source.Name };
        if (source.Namespace.Length > 0)
            _metadata["namespace"] = source.Namespace;
        if (source.Json["metadata"]?["labels"] is JsonObject labels)
            _metadata["labels"] = labels.DeepClone();
    }

    /// <summary>What it is made of.</summary>
    public Manifest Source { get; }

    /// <summary>The spec that it is made of.</summary>
    public FieldReader From { get; }

    /// <summary>The spec that is made.</summary>
    public JsonObject Spec { get; } = [];

    /// <summary>The steps.</summary>
    public List<DraftStep> Steps { get; } = [];

    /// <summary>The checks.</summary>
    public JsonArray Checks { get; } = [];

    /// <summary>The gates.</summary>
    public JsonArray Gates { get; } = [];

    /// <summary>Says what has no counterpart, or is to be looked at.</summary>
    /// <param name="path">The field; empty for the whole.</param>
    /// <param name="what">What is to be known.</param>
    public void Note(string path, string what)
    {
        // What others wrote is repeated here, and each note is one line of a comment.
        var note = string.Concat((path.Length == 0 ? what : $"{path}: {what}").Select(character => char.IsControl(character) ? ' ' : character));
        if (!_notes.Contains(note))
            _notes.Add(note);
    }

    /// <summary>Adds a check under a name of its own; one that is there already is added once.</summary>
    /// <param name="into">The checks, or the gates.</param>
    /// <param name="check">The check.</param>
    public void Add(JsonArray into, JsonObject check)
    {
        var name = (string)check["name"]!;
        if (into.Any(other => ((string)other!["name"]!).StartsWith(name, StringComparison.Ordinal) && JsonNode.DeepEquals(Nameless(other), Nameless(check))))
            return;
        for (var number = 2; Checks.Concat(Gates).Any(other => (string?)other!["name"] == (string?)check["name"]); number++)
            check["name"] = FormattableString.Invariant($"{name[..Math.Min(name.Length, 36)]}-{number}");
        if (into.Count == MostChecks)
            Note("", FormattableString.Invariant($"{name} is left out: there are {MostChecks} at the most"));
        else if (into == Gates && AsksPods(check) && Spec["traffic"]?["routes"] is null)
            Note("", $"{name} is left out of the gates: asking the new pods before they get any traffic needs traffic.routes");
        else
            into.Add((JsonNode)check);
    }

    private static JsonObject Nameless(JsonNode check) => new(check.AsObject().Where(field => field.Key != "name").Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));

    private static bool AsksPods(JsonObject check) =>
        check.ContainsKey("http") || new QueryCheckSpec { Expression = (string?)check["query"]?["expression"] ?? "" }.NamesVersion;

    /// <summary>Takes fields over that mean the same.</summary>
    public void Take(params string[] names)
    {
        foreach (var name in names)
        {
            if (From.Node(name) is { } value)
                Spec[name] = value;
        }
    }

    /// <summary>Takes a number of seconds over as a duration.</summary>
    public void TakeSeconds(FieldReader from, string name, string to)
    {
        if (from.Number(name) is { } seconds)
            Spec[to] = GatewayDuration.Format(TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Splits the traffic of a Service by routes; by pod counts where there are none.</summary>
    public void Split(string service, IEnumerable<(string Kind, string Name)> routes)
    {
        var traffic = new JsonObject { ["service"] = service };
        var list = new JsonArray([.. routes.Select(route => new JsonObject { ["kind"] = route.Kind, ["name"] = route.Name })]);
        if (list.Count > 0)
            traffic["routes"] = list;
        Spec["traffic"] = traffic;
    }

    /// <summary>The Rollout, with a note for every field that nobody asked for.</summary>
    public Conversion Finish()
    {
        foreach (var path in From.Rest)
            Note(path, "has no counterpart");
        if (Spec["traffic"]?["routes"] is not null && Spec.Remove("maxSurge"))
            Note("", "maxSurge is left out: with routes, the pods of the new version come on top of the full set of the stable one");
        WriteSteps();
        var analysis = Spec["analysis"] as JsonObject ?? [];
        if (Checks.Count > 0)
            analysis["checks"] = Checks;
        if (analysis.Count > 0)
            Spec["analysis"] = analysis;
        if (Gates.Count > 0)
            Spec["gates"] = Gates;
        if (analysis["errorRate"] is null)
            Note("", "no error rate is judged: write analysis.errorRate, such as {max: 0.5%} (docs/analysis.md)");
        return new Conversion(Source, new JsonObject { ["apiVersion"] = "rollouts.dev/v1alpha1", ["kind"] = "Rollout", ["metadata"] = _metadata, ["spec"] = Spec }, _notes);
    }

    /// <summary>Weights rise to 100, and there are 20 at the most.</summary>
    private void WriteSteps()
    {
        if (Steps.Count == 0)
            return;
        var rising = new List<DraftStep>();
        foreach (var step in Steps.Where(step => step.Weight <= 100))
        {
            if (rising.Count > 0 && step.Weight <= rising[^1].Weight)
                Note("", FormattableString.Invariant($"the step of {step.Weight} % after {rising[^1].Weight} % is left out: weights only rise"));
            else
                rising.Add(step);
        }

        if (rising.Count == 0 || rising[^1].Weight < 100)
            rising.Add(new DraftStep(100));
        if (rising.Count > MostSteps)
        {
            Note("", FormattableString.Invariant($"of {rising.Count} steps {MostSteps} are left, which is the most: every so many of them"));
            rising = [.. Enumerable.Range(0, MostSteps).Select(place => rising[(int)Math.Round(place * (rising.Count - 1.0) / (MostSteps - 1))])];
        }

        Spec["steps"] = new JsonArray([.. rising.Select(step => step.Json())]);
    }
}

/// <summary>A step of a Rollout that is being made.</summary>
/// <param name="Weight">Percent of the traffic.</param>
internal sealed record DraftStep(int Weight)
{
    /// <summary>How long it is held; null for the default.</summary>
    public TimeSpan? Hold { get; init; }

    /// <summary>Whether a person lets it go on.</summary>
    public bool Pause { get; init; }

    /// <summary>The step as it is written.</summary>
    public JsonNode Json()
    {
        var step = new JsonObject { ["weight"] = Weight };
        if (Hold is { } hold)
            step["hold"] = GatewayDuration.Format(hold);
        if (Pause)
            step["pause"] = true;
        return step;
    }
}
