using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Api;

namespace RolloutController.Traffic;

/// <summary>
/// The rules that send requests with certain headers to the canary, whatever weight it has. Each stands directly before the rule that it is a
/// copy of, with the headers added to every match. By the Gateway API's order of precedence the more headers a match names, the earlier it
/// counts, so no other rule changes its meaning: https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
/// </summary>
internal sealed class MatchedRules
{
    // https://github.com/kubernetes-sigs/gateway-api/blob/main/apis/v1/httproute_types.go
    private const int MaxRules = 16;
    private const int MaxHeaders = 16;
    private const int MaxMatches = 128;

    private readonly MatchSpec? _match;
    private readonly ServicePair _services;
    private readonly IReadOnlyList<JsonElement> _all;
    private readonly HashSet<int> _ours;

    /// <summary>Reads them.</summary>
    /// <param name="route">The route.</param>
    /// <param name="services">Whose traffic is split.</param>
    /// <param name="match">The headers; null where no requests are told apart, and no rule is one of these.</param>
    public MatchedRules(GatewayRoute route, ServicePair services, MatchSpec? match)
    {
        (_match, _services) = (match, services);
        _all = [.. route.Spec.Items("rules")];
        _ours = [.. Enumerable.Range(0, _all.Count).Where(index => IsOne(_all[index]))];
    }

    /// <summary>Whether there is any.</summary>
    public bool Exist => _ours.Count > 0;

    /// <summary>Whether a rule is one of them.</summary>
    public bool Contain(int index) => _ours.Contains(index);

    /// <summary>Whether they are just as planned beside the rules that they are copies of.</summary>
    public bool AreFor(IReadOnlyList<RouteRule> rules)
    {
        var wanted = Copied(rules).ToList();
        return _match is not null && wanted.Count == _ours.Count
            && wanted.All(rule => Contain(rule.Index - 1) && JsonNode.DeepEquals(For(rule), JsonObject.Create(_all[rule.Index - 1])));
    }

    /// <summary>The rules that get a copy: those that have traffic.</summary>
    private static IEnumerable<RouteRule> Copied(IEnumerable<RouteRule> rules) => rules.Where(rule => rule.Splits.Any(split => rule.RestWeight(split) > 0));

    /// <summary>The copy of a rule. Names of rules are unique, so it has none.</summary>
    private JsonObject For(RouteRule rule)
    {
        var copy = JsonObject.Create(_all[rule.Index])!;
        copy.Remove("name");
        var matches = copy["matches"] as JsonArray is { Count: > 0 } written ? written.DeepClone().AsArray() : new JsonArray(new JsonObject());
        foreach (var one in matches.OfType<JsonObject>())
            one["headers"] = new JsonArray([.. one["headers"]?.AsArray().Select(header => header!.DeepClone()) ?? [], .. Headers()]);
        copy["matches"] = matches;
        copy["backendRefs"] = new JsonArray([.. rule.Splits.Where(split => rule.RestWeight(split) > 0).Select(split => split.Ref.With(_services.Canary, rule.RestWeight(split)))]);
        return copy;
    }

    /// <summary>
    /// The operations of a JSON patch that take out all there are and put copies of these rules in: from the last place to the first, so
    /// that none of them changes a place that is written after it.
    /// </summary>
    public IEnumerable<JsonObject> Rewrite(IReadOnlyList<RouteRule> rules)
    {
        var copied = Copied(rules).ToDictionary(rule => rule.Index);
        for (var index = _all.Count - 1; index >= 0; index--)
        {
            if (Contain(index))
                yield return new JsonObject { ["op"] = "remove", ["path"] = $"/spec/rules/{index}" };
            else if (copied.TryGetValue(index, out var rule))
                yield return new JsonObject { ["op"] = "add", ["path"] = $"/spec/rules/{index}", ["value"] = For(rule) };
        }
    }

    /// <summary>What stands against the copies, told to the person who can change it.</summary>
    public IEnumerable<string> Problems(IReadOnlyList<RouteRule> rules)
    {
        if (_match is null)
            yield break;
        var copied = Copied(rules).ToList();
        var count = _all.Count - _ours.Count + copied.Count;
        if (count > MaxRules)
            yield return $"it would have {count} rules with those for spec.traffic.match, and the API takes {MaxRules}: split the route into two, or leave match out.";
        if (_all.Sum(MatchCount) is var matches && matches + copied.Sum(rule => MatchCount(_all[rule.Index])) > MaxMatches)
            yield return $"it would have more than the {MaxMatches} matches that the API takes with those for spec.traffic.match: split the route into two, or leave match out.";
        foreach (var rule in copied)
        {
            var headers = _all[rule.Index].Items("matches").SelectMany(one => one.Items("headers")).Select(header => header.Text("name") ?? "").ToList();
            if (_match.Headers.FirstOrDefault(header => headers.Contains(header.Name, StringComparer.OrdinalIgnoreCase)) is { } taken)
                yield return $"{rule} asks for the header {taken.Name} already, which spec.traffic.match tells the new version's requests by: write another header there.";
            if (_all[rule.Index].Items("matches").Any(one => one.Items("headers").Count() + _match.Headers.Count > MaxHeaders))
                yield return $"{rule} would ask for more than the {MaxHeaders} headers that the API takes with those of spec.traffic.match: leave some out.";
        }
    }

    private static int MatchCount(JsonElement rule) => Math.Max(1, rule.Items("matches").Count());

    /// <summary>A rule for the canary alone, of which every match asks for the headers: at rest none is there (see <see cref="Problems"/>), so it is one of ours.</summary>
    private bool IsOne(JsonElement rule)
    {
        var refs = rule.Items("backendRefs").Select(entry => new BackendRef(entry)).ToList();
        var matches = rule.Items("matches").ToList();
        return _match is not null && refs.Count > 0 && matches.Count > 0
            && refs.TrueForAll(entry => entry.Names(_services.Canary, _services.Namespace))
            && matches.TrueForAll(one => _match.Headers.All(header => one.Items("headers").Any(written =>
                string.Equals(written.Text("name"), header.Name, StringComparison.OrdinalIgnoreCase) && written.Text("value") == header.Value)));
    }

    private IEnumerable<JsonObject> Headers() => _match!.Headers.Select(header => new JsonObject { ["type"] = "Exact", ["name"] = header.Name, ["value"] = header.Value });
}
