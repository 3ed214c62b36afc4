using System.Text.Json.Nodes;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Deploy;

/// <summary>A Role or ClusterRole of <c>deploy/</c>.</summary>
/// <param name="File">Its file, from the root of the repository.</param>
/// <param name="Json">The role.</param>
internal sealed record Role(string File, JsonNode Json)
{
    /// <summary>The manifests of rights.</summary>
    public static IReadOnlyList<string> Files { get; } =
        ["deploy/rbac.yaml", "deploy/namespaced/rbac.yaml", "deploy/namespaced/rights.yaml", "deploy/optional/rbac-config.yaml", "deploy/optional/rbac-checks.yaml", "deploy/optional/rbac-page-actions.yaml"];

    /// <summary>The kind and name.</summary>
    public string Title => $"{Json.Text("kind")} {Json.Name()}";

    /// <summary>Whether it holds in every namespace.</summary>
    public bool IsEverywhere => Json.Text("kind") == "ClusterRole";

    /// <summary>Everything that it allows, one permission each.</summary>
    public IEnumerable<Permission> Permissions =>
        from rule in Json.Each("rules")
        from @group in rule.Each("apiGroups")
        from resource in rule.Each("resources")
        from verb in rule.Each("verbs")
        select new Permission(verb.ToString(), @group.ToString(), resource.ToString(), rule.Each("resourceNames").Any());

    /// <summary>The roles of a file.</summary>
    public static IReadOnlyList<Role> In(string file) =>
        [.. YamlFile.Documents(file).Where(item => item.Text("kind") is "Role" or "ClusterRole").Select(item => new Role(file, item))];

    public override string ToString() => $"{File}: {Title}";
}

/// <summary>One verb on one resource.</summary>
/// <param name="ByName">Whether it is limited to objects that the rule names.</param>
internal sealed record Permission(string Verb, string Group, string Resource, bool ByName);
