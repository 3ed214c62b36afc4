using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Stages;

/// <summary>
/// The rights that <c>deploy/rbac.yaml</c> installs the controller with, and those of <c>deploy/optional</c>, which an operator gives for each
/// object: a rehearsal shows nothing that a cluster would forbid.
/// </summary>
internal sealed class InstalledAccess : IAccess
{
    private static readonly ServiceAccount Controller = new("rollout-system", "rollout-controller");

    private static readonly Lazy<IReadOnlyList<(string Namespace, AccessRule Rule)>> Rules = new(() => [.. Read()]);

    /// <inheritdoc/>
    public ServiceAccount? Identify(string? token) => Controller;

    /// <inheritdoc/>
    public IEnumerable<AccessRule> RulesOf(ServiceAccount account, string @namespace) =>
        Rules.Value.Where(one => one.Namespace.Length == 0 || one.Namespace == @namespace).Select(one => one.Rule);

    private static IEnumerable<(string, AccessRule)> Read() =>
        from name in typeof(InstalledAccess).Assembly.GetManifestResourceNames()
        where name.StartsWith("rbac", StringComparison.Ordinal)
        from role in YamlReader.Read(TextOf(name)).OfType<JsonObject>()
        where (string?)role["kind"] is "ClusterRole" or "Role"
        from rule in AccessRule.Of(role)
        select ((string?)role["metadata"]!["namespace"] ?? "", rule with { TakesAnyName = name != "rbac.yaml" });

    private static string TextOf(string name)
    {
        using var stream = typeof(InstalledAccess).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
