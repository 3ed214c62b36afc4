using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>The refusals of an API server, in its words.</summary>
internal static class Failures
{
    public static ApiFailure NotFound(Resource resource, string name) =>
        new(HttpStatusCode.NotFound, "NotFound", $"{resource.QualifiedName} \"{name}\" not found");

    public static ApiFailure NoSuchPath() => new(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource");

    public static ApiFailure AlreadyExists(Resource resource, string name) =>
        new(HttpStatusCode.Conflict, "AlreadyExists", $"{resource.QualifiedName} \"{name}\" already exists");

    public static ApiFailure Conflict(Resource resource, string name, string why) =>
        new(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {resource.QualifiedName} \"{name}\": {why}");

    public static ApiFailure Modified(Resource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiFailure AnotherUid(Resource resource, string name, string asked, string found) =>
        Conflict(resource, name, $"Precondition failed: UID in precondition: {asked}, UID in object meta: {found}");

    public static ApiFailure BadRequest(string message) => new(HttpStatusCode.BadRequest, "BadRequest", message);

    public static ApiFailure Forbidden(string message) => new(HttpStatusCode.Forbidden, "Forbidden", message);

    public static ApiFailure Invalid(Resource resource, string name, IReadOnlyList<FieldProblem> problems)
    {
        var told = problems.Select(problem => $"{problem.Field}: {problem.Message}").Distinct().ToList();
        var message = $"{resource.Kind}{(resource.Group.Length == 0 ? "" : "." + resource.Group)} \"{name}\" is invalid: "
            + (told.Count == 1 ? told[0] : $"[{string.Join(", ", told)}]");
        return new ApiFailure(HttpStatusCode.UnprocessableEntity, "Invalid", message, problems) { Kind = resource.Kind, Group = resource.Group, Name = name };
    }

    /// <summary>The Status object that tells of a refusal.</summary>
    public static JsonObject Status(ApiFailure failure)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = failure.Message,
            ["reason"] = failure.Reason,
            ["code"] = (int)failure.Code,
        };
        if (failure.Causes.Count > 0)
        {
            status["details"] = new JsonObject
            {
                ["name"] = failure.Name,
                ["group"] = failure.Group,
                ["kind"] = failure.Kind,
                ["causes"] = new JsonArray([.. failure.Causes.Select(cause => new JsonObject { ["reason"] = cause.Reason, ["message"] = cause.Message, ["field"] = cause.Field })]),
            };
        }
        return status;
    }
}
