using System.Text;

namespace RolloutController.Analysis.Metrics;

/// <summary>
/// A PromQL vector selector in which <c>$namespace</c>, <c>$service</c>, <c>$revision</c>, <c>$pods</c> and <c>$addresses</c> are filled in:
/// <c>http_requests_total{namespace="$namespace",pod=~"$pods"}</c>. It is parsed, filled in and written anew, never
/// spliced, so that nothing in a value can change what is asked.
/// </summary>
public sealed class SelectorTemplate
{
    internal SelectorTemplate(string metric, IReadOnlyList<LabelMatcher> matchers)
    {
        Metric = metric;
        Matchers = matchers;
    }

    /// <summary>The metric's name; empty for log streams.</summary>
    public string Metric { get; }

    /// <summary>The matchers, in their order.</summary>
    internal IReadOnlyList<LabelMatcher> Matchers { get; }

    /// <summary>The labels that a series must have for the selector to match it.</summary>
    public IEnumerable<string> RequiredLabels => Matchers.Where(matcher => matcher.IsPositive).Select(matcher => matcher.Label);

    /// <summary>
    /// Whether the series belong to the version's own pods, and so began with them; a gateway's or a mesh's series for a
    /// Service live on from one rollout to the next.
    /// </summary>
    public bool NamesRevision => Uses(SelectorVariable.Pods) || Uses(SelectorVariable.Revision);

    /// <summary>Whether it names the Service, and so needs one that only one version is behind.</summary>
    public bool NamesService => Uses(SelectorVariable.Service);

    /// <summary>Reads a selector.</summary>
    /// <param name="text">The selector, at most 1,024 characters.</param>
    /// <exception cref="SelectorException">It is no single vector selector, or it cannot tell two versions apart.</exception>
    public static SelectorTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SelectorParser(text).Parse().ThatTellsVersionsApart();
    }

    /// <summary>Reads a selector of log streams.</summary>
    /// <param name="text">The selector, at most 1,024 characters.</param>
    /// <exception cref="SelectorException">It is no selector of streams, or it cannot tell two versions apart.</exception>
    public static SelectorTemplate ParseStreams(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SelectorParser(text).ParseStreams().ThatTellsVersionsApart();
    }

    /// <summary>The same selector without what it says of a label.</summary>
    internal SelectorTemplate Without(string label) => new(Metric, [.. Matchers.Where(matcher => matcher.Label != label)]);

    /// <summary>Writes the selector for one version.</summary>
    /// <param name="arm">The version.</param>
    /// <param name="namespaceLabel">The label that the operator wants held to the Rollout's namespace, whatever else the selector says.</param>
    /// <exception cref="SelectorException">The selector uses <c>$service</c>, but both versions are behind the same Service.</exception>
    public string Render(ArmIdentity arm, string? namespaceLabel = null)
    {
        ArgumentNullException.ThrowIfNull(arm);
        IEnumerable<LabelMatcher> matchers = Matchers;
        // PromQL takes the same label twice and wants both to hold.
        if (namespaceLabel is not null)
            matchers = matchers.Append(new LabelMatcher(namespaceLabel, "=", [new VariablePart(SelectorVariable.Namespace)]));
        return $"{Metric}{{{string.Join(',', matchers.Select(matcher => matcher.Render(arm)))}}}";
    }

    private SelectorTemplate ThatTellsVersionsApart() => NamesRevision || NamesService || Uses(SelectorVariable.Addresses)
        ? this
        : throw new SelectorException($"The selector{(Metric.Length > 0 ? $" for {Metric}" : "")} cannot tell the two versions apart: match a label with $service, $revision, $pods or $addresses, such as pod=~\"$pods\".");

    private bool Uses(SelectorVariable variable) =>
        Matchers.Any(matcher => matcher.IsPositive && matcher.Value.OfType<VariablePart>().Any(part => part.Variable == variable));
}

internal enum SelectorVariable
{
    Namespace,
    Service,
    Revision,
    Pods,
    Addresses,
}

/// <summary>A piece of a matcher's value: text as the user means it, unescaped, or a variable.</summary>
internal abstract record ValuePart;

internal sealed record TextPart(string Text) : ValuePart;

internal sealed record VariablePart(SelectorVariable Variable) : ValuePart
{
    /// <summary>The variable of a name, such as <c>$pods</c>; null where there is none.</summary>
    public static VariablePart? Named(string name) => name switch
    {
        "$namespace" => new(SelectorVariable.Namespace),
        "$service" => new(SelectorVariable.Service),
        "$revision" => new(SelectorVariable.Revision),
        "$pods" => new(SelectorVariable.Pods),
        "$addresses" => new(SelectorVariable.Addresses),
        _ => null,
    };

    /// <summary>What the variable stands for. Names are DNS labels, in which nothing has a meaning in a regular expression, so they need no escaping there.</summary>
    /// <exception cref="SelectorException">It is <c>$service</c>, but both versions are behind the same Service.</exception>
    public string Of(ArmIdentity arm) => Variable switch
    {
        SelectorVariable.Namespace => arm.Namespace,
        SelectorVariable.Service => arm.Service ?? throw new SelectorException(NoService),
        SelectorVariable.Revision => arm.Revision,
        SelectorVariable.Pods => arm.PodsRegex,
        SelectorVariable.Addresses => arm.AddressesRegex,
        _ => throw new ArgumentOutOfRangeException(nameof(arm)),
    };

    /// <summary>What is said of <c>$service</c> where pod counts make the split.</summary>
    public const string NoService = "The selector uses $service, but without traffic.routes both versions are behind the same Service: use $pods or $revision.";
}

/// <summary>One label matcher, such as <c>code=~"5.."</c>.</summary>
internal sealed record LabelMatcher(string Label, string Operator, IReadOnlyList<ValuePart> Value)
{
    public bool IsPositive => Operator is "=" or "=~";

    public bool IsRegex => Operator is "=~" or "!~";

    public string Render(ArmIdentity arm) =>
        $"{Label}{Operator}\"{Quoted(string.Concat(Value.Select(part => Text(part, arm))))}\"";

    private static string Text(ValuePart part, ArmIdentity arm) => part switch
    {
        TextPart text => text.Text,
        VariablePart variable => variable.Of(arm),
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    private static string Quoted(string value) => new StringBuilder(value)
        .Replace("\\", "\\\\")
        .Replace("\"", "\\\"")
        .Replace("\n", "\\n")
        .ToString();
}
