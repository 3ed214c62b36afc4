using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>One rule of a role.</summary>
/// <param name="Role">The kind and name of the role.</param>
/// <param name="Groups">The API groups.</param>
/// <param name="Resources">The resources, each with its subresource where it means that.</param>
/// <param name="Verbs">What may be done.</param>
/// <param name="Names">The objects that it is limited to; none for all.</param>
internal sealed record AccessRule(string Role, IReadOnlyList<string> Groups, IReadOnlyList<string> Resources, IReadOnlyList<string> Verbs, IReadOnlyList<string> Names)
{
    /// <summary>Stands for whatever name an operator wrote: the request has to name an object, and it does not matter which.</summary>
    public bool TakesAnyName { get; init; }

    /// <summary>The rules of a role.</summary>
    /// <param name="role">A Role or ClusterRole.</param>
    public static IEnumerable<AccessRule> Of(JsonObject role) =>
        from rule in (role["rules"] as JsonArray ?? []).OfType<JsonObject>()
        select new AccessRule(
            $"{role["kind"]} {role["metadata"]!["name"]}", Texts(rule["apiGroups"]), Texts(rule["resources"]), Texts(rule["verbs"]), Texts(rule["resourceNames"]));

    /// <summary>Whether it lets a request pass.</summary>
    public bool Allows(ApiTarget target) =>
        Has(Verbs, target.Verb)
        && Has(Groups, target.Resource.Group)
        && Has(Resources, target.ResourceOrPart)
        && (Names.Count == 0 || ((target.Name ?? target.Selected) is { } name && (TakesAnyName || Names.Contains(name))));

    private static bool Has(IReadOnlyList<string> list, string value) => list.Contains(value) || list.Contains("*");

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string?)item).OfType<string>()];
}
