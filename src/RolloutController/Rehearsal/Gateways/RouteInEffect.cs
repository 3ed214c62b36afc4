using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Gateways;

/// <summary>A route as the proxies of a gateway serve it: the generation that they have come to, which may be older than the one that the API shows.</summary>
/// <param name="Plural"><c>httproutes</c> or <c>grpcroutes</c>.</param>
/// <param name="Key">Its namespace and name.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Rules">For each rule that takes any request, its backends.</param>
public sealed record RouteInEffect(string Plural, ObjectKey Key, long Generation, IReadOnlyList<IReadOnlyList<RouteBackend>> Rules)
{
    /// <summary>For each rule that takes requests with certain headers alone, its backends.</summary>
    public IReadOnlyList<IReadOnlyList<RouteBackend>> HeaderRules { get; init; } = [];

    /// <summary>Reads a version of a route.</summary>
    internal static RouteInEffect Read(StoredObject route)
    {
        var rules = route.Json.Items("spec", "rules").ToLookup(
            AsksForHeaders, rule => (IReadOnlyList<RouteBackend>)[.. rule.Items("backendRefs").Select(entry => RouteBackend.Read(entry, route.Namespace))]);
        return new RouteInEffect(route.Plural, route.Key(), route.Generation(), [.. rules[false]]) { HeaderRules = [.. rules[true]] };
    }

    private static bool AsksForHeaders(JsonNode rule) => rule.Items("matches").Any() && rule.Items("matches").All(match => match.Items("headers").Any());
}

/// <summary>A backend of a rule.</summary>
/// <param name="Service">Its Service; null where it is something else.</param>
/// <param name="Port">The port of the Service; 0 where none is named.</param>
/// <param name="Weight">Its weight beside the others of the rule, 0 or more.</param>
public sealed record RouteBackend(ObjectKey? Service, int Port, int Weight)
{
    /// <summary>Reads an entry of a rule, with the defaults of the Gateway API.</summary>
    internal static RouteBackend Read(JsonNode entry, string @namespace) => new(
        entry.Text("group") is null or "" && entry.Text("kind") is null or "Service" ? new ObjectKey(entry.Text("namespace") ?? @namespace, entry.Text("name") ?? "") : null,
        entry.Integer("port"),
        (int)(entry.Number("weight") ?? 1));
}
