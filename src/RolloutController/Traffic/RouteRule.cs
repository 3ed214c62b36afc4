using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RolloutController.Traffic;

/// <summary>
/// One rule of a route that names a Service. At rest each of the Service's entries has a weight W. While a rollout runs it has a
/// sibling directly behind it, a copy that names the canary Service:
/// <list type="bullet">
/// <item>where every entry of the rule is the Service's own, the two sum up to 100 W, so that each percentage is whole and W can be
/// read back from the sum;</item>
/// <item>where the rule is shared with other backends, the two sum up to W, so that no other entry has to change.</item>
/// </list>
/// Nothing else is stored anywhere. So whatever a foreign edit leaves is given a W as well: the one that keeps the shares of that edit.
/// </summary>
internal sealed class RouteRule
{
    /// <summary>The largest W of an entry in a rule that is not shared.</summary>
    public const int MaxUnsharedWeight = BackendRef.MaxWeight / Hundredfold;

    private const int Hundredfold = 100;

    private readonly ServicePair _services;
    private readonly IReadOnlyList<BackendRef> _refs;
    private readonly IReadOnlyList<RuleEntry> _entries;
    private readonly bool _isHundredfold;

    private RouteRule(int index, IReadOnlyList<BackendRef> refs, ServicePair services)
    {
        (Index, _refs, _services) = (index, refs, services);
        _entries = [.. RuleEntry.Read(refs, services)];
        Splits = [.. _entries.OfType<RuleEntry.Split>()];
        _isHundredfold = !IsShared
            && Splits.Where(split => split.Sum > 0).All(split => split.CanaryWeight is not null && split.Sum % Hundredfold == 0);
    }

    /// <summary>The place in <c>spec.rules</c>; it holds for the version of the route that was read, and for no other.</summary>
    public int Index { get; }

    /// <summary>The Service's entries; one at least.</summary>
    public IReadOnlyList<RuleEntry.Split> Splits { get; }

    /// <summary>Whether other backends have a place in the rule.</summary>
    public bool IsShared => _entries.Count > Splits.Count;

    /// <summary>The rules of a route that name the Service, without those for matched requests.</summary>
    public static IReadOnlyList<RouteRule> Read(GatewayRoute route, ServicePair services, MatchedRules matched) =>
    [
        .. route.Spec.Items("rules")
            .Select((rule, index) => new RouteRule(index, [.. rule.Items("backendRefs").Select(entry => new BackendRef(entry))], services))
            .Where(rule => rule.Splits.Count > 0 && !matched.Contain(rule.Index)),
    ];

    /// <summary>
    /// An entry's W. The cap matters only after a foreign edit, where two entries can sum up to more than one may weigh.
    /// </summary>
    public int RestWeight(RuleEntry.Split split) =>
        _isHundredfold ? split.Sum / Hundredfold : Math.Min(split.Sum, BackendRef.MaxWeight);

    /// <summary>
    /// The entries with the canary at a weight; 0 takes the siblings out. An entry that weighs nothing at rest gets no sibling, as its
    /// user wants no traffic there.
    /// </summary>
    public JsonArray At(int weight)
    {
        var target = new JsonArray();
        foreach (var entry in _entries)
        {
            foreach (var part in entry is RuleEntry.Split split ? Divide(split, weight) : [((RuleEntry.Other)entry).Ref.ToJson()])
                target.Add((JsonNode)part);
        }

        return target;
    }

    /// <summary>Whether the rule is exactly as planned for a weight.</summary>
    public bool IsAt(int weight) =>
        JsonNode.DeepEquals(At(weight), new JsonArray([.. _refs.Select(entry => entry.ToJson())]));

    /// <summary>The rule's place, for messages.</summary>
    public override string ToString() => $"spec.rules[{Index}]";

    /// <summary>The weights of all entries as they are, for messages.</summary>
    public string Weights => string.Join(", ", _refs.Select(entry => $"{entry.Name} {entry.Weight}"));

    /// <summary>The largest weight at rest of all entries.</summary>
    public int LargestRestWeight => _entries.Max(RestWeight);

    /// <summary>The weights at rest of all entries, times a factor, for messages.</summary>
    public string RestWeights(int factor = 1) => string.Join(", ", _entries.Select(entry =>
        $"{(entry is RuleEntry.Other other ? other.Ref.Name : _services.Stable)} {RestWeight(entry) * factor}"));

    private int RestWeight(RuleEntry entry) => entry switch
    {
        RuleEntry.Split split => RestWeight(split),
        RuleEntry.Other other => other.Ref.Weight,
        _ => throw new UnreachableException(),
    };

    private JsonObject[] Divide(RuleEntry.Split split, int weight)
    {
        var rest = RestWeight(split);
        if (weight == 0 || rest == 0)
            return [split.Ref.With(_services.Stable, rest)];

        var sum = IsShared ? rest : (long)rest * Hundredfold;
        var canary = sum * weight / 100;
        return [split.Ref.With(_services.Stable, (int)(sum - canary)), split.Ref.With(_services.Canary, (int)canary)];
    }
}
