using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// Who asks, and what RBAC lets them do: one token of an administrator, and tokens of service accounts, which have what their roles give.
/// </summary>
internal sealed class Access(EmbeddedCluster cluster, string administrator)
{
    private readonly Dictionary<string, ServiceAccount> _tokens = [];
    private readonly Lock _gate = new();

    /// <summary>Whose token it is; null for the administrator.</summary>
    /// <exception cref="ApiFailure">It is nobody's.</exception>
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

    /// <summary>Lets a request pass that a role allows.</summary>
    /// <param name="account">Who asks; null for the administrator.</param>
    /// <param name="target">What is asked.</param>
    /// <exception cref="ApiFailure">No role allows it.</exception>
    public void Authorize(ServiceAccount? account, ApiTarget target)
    {
        if (account is null || RulesOf(account, target.Namespace).Any(rule => Allows(rule, target)))
            return;
        var where = target.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{target.Namespace}\"";
        var part = target.Subresource is null ? target.Resource.Plural : $"{target.Resource.Plural}/{target.Subresource}";
        var name = target.Name ?? target.Selected;
        throw Failures.Forbidden(
            target.Resource, name ?? "",
            $"{target.Resource.QualifiedName}{(name is null ? "" : $" \"{name}\"")} is forbidden: User \"system:serviceaccount:{account.Namespace}:{account.Name}\" "
            + $"cannot {target.Verb} resource \"{part}\" in API group \"{target.Resource.Group}\" {where}");
    }

    private IEnumerable<JsonObject> RulesOf(ServiceAccount account, string @namespace)
    {
        var everywhere = cluster.List("clusterrolebindings").Where(binding => Binds(binding, account)).Select(binding => RoleOf(binding, ""));
        var here = @namespace.Length == 0
            ? []
            : cluster.List("rolebindings", @namespace).Where(binding => Binds(binding, account)).Select(binding => RoleOf(binding, @namespace));
        return everywhere.Concat(here).OfType<StoredObject>().SelectMany(role => (role.Json["rules"] as JsonArray ?? []).OfType<JsonObject>());
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

    private static bool Allows(JsonObject rule, ApiTarget target) =>
        Has(rule["verbs"], target.Verb)
        && Has(rule["apiGroups"], target.Resource.Group)
        && Has(rule["resources"], target.Subresource is null ? target.Resource.Plural : $"{target.Resource.Plural}/{target.Subresource}")
        && (rule["resourceNames"] is not JsonArray { Count: > 0 } names || ((target.Name ?? target.Selected) is { } name && Has(names, name)));

    private static bool Has(JsonNode? list, string value) => (list as JsonArray ?? []).Any(item => (string?)item is { } text && (text == value || text == "*"));
}

/// <summary>A service account.</summary>
internal sealed record ServiceAccount(string Namespace, string Name);
