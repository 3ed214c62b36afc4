using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// Who asks, and what RBAC lets them do: one token of an administrator, and tokens of service accounts, which have what their roles give.
/// </summary>
internal sealed class Access(EmbeddedCluster cluster, string administrator) : IAccess
{
    private readonly Dictionary<string, ServiceAccount> _tokens = [];
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public ServiceAccount? Identify(string? token)
    {
        if (token == administrator)
            return null;
        lock (_gate)
        {
            return token is not null && _tokens.TryGetValue(token, out var account)
                ? account
                : throw new ApiFailure(HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized");
        }
    }

    /// <summary>Makes a token of a service account.</summary>
    public JsonObject IssueToken(string @namespace, string name)
    {
        if (cluster.Find("serviceaccounts", @namespace, name) is null)
            throw Failures.NotFound(cluster.Resources.Stored("serviceaccounts"), name);
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        lock (_gate)
            _tokens[token] = new ServiceAccount(@namespace, name);
        return new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["status"] = new JsonObject { ["token"] = token },
        };
    }

    /// <inheritdoc/>
    public IEnumerable<AccessRule> RulesOf(ServiceAccount account, string @namespace)
    {
        var everywhere = cluster.List("clusterrolebindings").Where(binding => Binds(binding, account)).Select(binding => RoleOf(binding, ""));
        var here = @namespace.Length == 0
            ? []
            : cluster.List("rolebindings", @namespace).Where(binding => Binds(binding, account)).Select(binding => RoleOf(binding, @namespace));
        return everywhere.Concat(here).OfType<StoredObject>().SelectMany(role => AccessRule.Of(role.Json));
    }

    private StoredObject? RoleOf(StoredObject binding, string @namespace)
    {
        var reference = binding.Json["roleRef"]!;
        return (string?)reference["kind"] == "ClusterRole"
            ? cluster.Find("clusterroles", "", (string)reference["name"]!)
            : cluster.Find("roles", @namespace, (string)reference["name"]!);
    }

    private static bool Binds(StoredObject binding, ServiceAccount account) => (binding.Json["subjects"] as JsonArray ?? []).Any(subject =>
        (string?)subject?["kind"] == "ServiceAccount" && (string?)subject["name"] == account.Name && (string?)subject["namespace"] == account.Namespace);
}
