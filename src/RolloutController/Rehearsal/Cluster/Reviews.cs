using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// Answers questions about tokens and rights, which store nothing: whose a token is, and whether somebody may do something.
/// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
/// </summary>
internal sealed class Reviews(IAccess access, ResourceTable resources)
{
    private const string AccountPrefix = "system:serviceaccount:";
    private const string Administrators = "system:masters";

    /// <summary>Whose a token is.</summary>
    /// <param name="review">The question, to which the answer is added; without the token.</param>
    public JsonObject OfToken(JsonObject review)
    {
        var token = (string?)review["spec"]?["token"];
        review["spec"] = new JsonObject();
        review["status"] = Identify(token) is { } user
            ? new JsonObject { ["authenticated"] = true, ["user"] = user, ["audiences"] = new JsonArray("https://kubernetes.default.svc") }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
        return review;
    }

    /// <summary>Whether somebody may do something.</summary>
    /// <param name="review">The question, to which the answer is added.</param>
    public JsonObject OfAccess(JsonObject review)
    {
        review["status"] = new JsonObject { ["allowed"] = review["spec"] is JsonObject spec && IsAllowed(spec) };
        return review;
    }

    private JsonObject? Identify(string? token)
    {
        try
        {
            return access.Identify(token) is { } account
                ? User($"{AccountPrefix}{account.Namespace}:{account.Name}", "system:serviceaccounts", $"system:serviceaccounts:{account.Namespace}", "system:authenticated")
                : User("kubernetes-admin", Administrators, "system:authenticated");
        }
        catch (ApiFailure)
        {
            return null;
        }
    }

    private static JsonObject User(string name, params string[] groups) => new()
    {
        ["username"] = name,
        ["groups"] = new JsonArray([.. groups.Select(group => (JsonNode)group)]),
    };

    private bool IsAllowed(JsonObject spec)
    {
        if ((spec["groups"] as JsonArray ?? []).Any(group => (string?)group == Administrators))
            return true;
        var asked = spec["resourceAttributes"];
        if ((string?)spec["user"] is not { } user || !user.StartsWith(AccountPrefix, StringComparison.Ordinal) || user[AccountPrefix.Length..].Split(':') is not [var @namespace, var name]
            || resources.All.FirstOrDefault(resource => resource.Group == ((string?)asked?["group"] ?? "") && resource.Plural == (string?)asked?["resource"]) is not { } kind)
            return false;
        var target = new ApiTarget((string?)asked!["verb"] ?? "", kind, (string?)asked["namespace"] ?? "", (string?)asked["name"], (string?)asked["subresource"]);
        return access.RulesOf(new ServiceAccount(@namespace, name), target.Namespace).Any(rule => rule.Allows(target));
    }
}
