using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Who asks an API server, and what they may do.</summary>
internal interface IAccess
{
    /// <summary>Whose token it is; null for an administrator, who may do everything.</summary>
    /// <exception cref="ApiFailure">It is nobody's.</exception>
    ServiceAccount? Identify(string? token);

    /// <summary>The rules that hold for a service account in a namespace.</summary>
    /// <param name="account">Who asks.</param>
    /// <param name="namespace">Where; empty for all namespaces at once.</param>
    IEnumerable<AccessRule> RulesOf(ServiceAccount account, string @namespace);
}

/// <summary>Lets pass what a rule allows.</summary>
internal static class AccessCheck
{
    /// <summary>Told of each rule that lets a request pass, of every API server in this process.</summary>
    public static event Action<AccessRule, ApiTarget>? Granted;

    /// <summary>Checks a request.</summary>
    /// <param name="access">What is allowed.</param>
    /// <param name="account">Who asks.</param>
    /// <param name="target">What is asked.</param>
    /// <exception cref="ApiFailure">No rule allows it.</exception>
    public static void Of(IAccess access, ServiceAccount account, ApiTarget target)
    {
        var granting = access.RulesOf(account, target.Namespace).Where(rule => rule.Allows(target)).ToList();
        if (granting.Count == 0)
            throw Refused(account, target);
        foreach (var rule in granting)
            Granted?.Invoke(rule, target);
    }

    /// <summary>
    /// Checks that whoever makes an owner wait for what it owns may change the owner's finalizers. The admission plugin
    /// OwnerReferencesPermissionEnforcement asks for it, which a cluster may run or not: who passes here passes in both.
    /// </summary>
    /// <param name="access">What is allowed.</param>
    /// <param name="account">Who asks.</param>
    /// <param name="target">What is written.</param>
    /// <param name="written">The object or patch.</param>
    /// <param name="cluster">Where.</param>
    public static void OfOwners(IAccess access, ServiceAccount account, ApiTarget target, JsonNode written, EmbeddedCluster cluster)
    {
        var held = target.Name is { } name && cluster.Find(target.Resource.Plural, target.Namespace, name) is { } stored
            ? Blocking(stored.Json["metadata"]?["ownerReferences"]).Select(owner => (string?)owner["uid"]).ToHashSet()
            : [];
        foreach (var owner in Written(written).SelectMany(Blocking).Where(owner => !held.Contains((string?)owner["uid"])))
        {
            if (cluster.Resources.OfKind((string?)owner["apiVersion"] ?? "", (string?)owner["kind"] ?? "") is { } kind)
                Of(access, account, new ApiTarget("update", kind, target.Namespace, (string?)owner["name"], "finalizers"));
        }
    }

    /// <summary>The owners that an object, a merge patch or a JSON patch brings.</summary>
    private static IEnumerable<JsonNode?> Written(JsonNode written) => written switch
    {
        JsonObject item => [(item["metadata"] as JsonObject)?["ownerReferences"]],
        JsonArray operations => operations.OfType<JsonObject>()
            .Where(operation => ((string?)operation["path"])?.StartsWith("/metadata/ownerReferences", StringComparison.Ordinal) == true)
            .Select(operation => operation["value"]),
        _ => [],
    };

    private static IEnumerable<JsonObject> Blocking(JsonNode? owners) =>
        (owners is JsonArray list ? list.OfType<JsonObject>() : owners is JsonObject one ? [one] : []).Where(owner => (bool?)owner["blockOwnerDeletion"] == true);

    private static ApiFailure Refused(ServiceAccount account, ApiTarget target)
    {
        var where = target.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{target.Namespace}\"";
        var name = target.Name ?? target.Selected;
        return Failures.Forbidden(
            target.Resource, name ?? "",
            $"{target.Resource.QualifiedName}{(name is null ? "" : $" \"{name}\"")} is forbidden: User \"system:serviceaccount:{account.Namespace}:{account.Name}\" "
            + $"cannot {target.Verb} resource \"{target.ResourceOrPart}\" in API group \"{target.Resource.Group}\" {where}");
    }
}

/// <summary>A service account.</summary>
internal sealed record ServiceAccount(string Namespace, string Name);
