using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>The refusals of an API server, in its words.</summary>
internal static class Failures
{
    public static ApiFailure NotFound(Resource resource, string name) =>
        About(resource, name, HttpStatusCode.NotFound, "NotFound", $"{resource.QualifiedName} \"{name}\" not found");

    public static ApiFailure NoSuchPath() => new(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource");

    public static ApiFailure NotAllowed() =>
        new(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static ApiFailure AlreadyExists(Resource resource, string name) =>
        About(resource, name, HttpStatusCode.Conflict, "AlreadyExists", $"{resource.QualifiedName} \"{name}\" already exists");

    public static ApiFailure Conflict(Resource resource, string name, string why) =>
        About(resource, name, HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {resource.QualifiedName} \"{name}\": {why}");

    public static ApiFailure Modified(Resource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiFailure AnotherUid(Resource resource, string name, string asked, string found) =>
        Conflict(resource, name, $"Precondition failed: UID in precondition: {asked}, UID in object meta: {found}");

    public static ApiFailure BadRequest(string message) => new(HttpStatusCode.BadRequest, "BadRequest", message);

    public static ApiFailure Forbidden(Resource resource, string name, string message, params FieldProblem[] causes) =>
        About(resource, name, HttpStatusCode.Forbidden, "Forbidden", message, causes);

    public static ApiFailure Unsupported(params string[] accepted) => new(
        HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    /// <summary>A failure of the API server itself, which gives no reason.</summary>
    public static ApiFailure Internal(string message) => new(HttpStatusCode.InternalServerError, "", message);

    public static ApiFailure Unmanaged() => new(
        HttpStatusCode.UnprocessableEntity, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        [new FieldProblem("FieldValueRequired", "fieldManager", "Required value: is required for apply patch")])
    {
        Kind = "PatchOptions",
        Group = "meta.k8s.io",
    };

    /// <summary>A patch brings fields that the kind does not know.</summary>
    public static ApiFailure InvalidPatch(string patched, string why) => new(
        HttpStatusCode.UnprocessableEntity, "Invalid", $" \"\" is invalid: patch: Invalid value: \"{patched}\": {why}",
        [new FieldProblem("FieldValueInvalid", "patch", $"Invalid value: \"{patched}\": {why}")]);

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
        };
        if (failure.Reason.Length > 0)
            status["reason"] = failure.Reason;
        if (Details(failure) is { Count: > 0 } details)
            status["details"] = details;
        status["code"] = (int)failure.Code;
        return status;
    }

    private static JsonObject Details(ApiFailure failure)
    {
        var details = new JsonObject();
        foreach (var (name, value) in ((string, string)[])[("name", failure.Name), ("group", failure.Group), ("kind", failure.Kind)])
        {
            if (value.Length > 0)
                details[name] = value;
        }
        if (failure.Causes.Count > 0)
            details["causes"] = new JsonArray([.. failure.Causes.Select(cause => new JsonObject { ["reason"] = cause.Reason, ["message"] = cause.Message, ["field"] = cause.Field })]);
        return details;
    }

    private static ApiFailure About(Resource resource, string name, HttpStatusCode code, string reason, string message, IReadOnlyList<FieldProblem>? causes = null) =>
        new(code, reason, message, causes) { Kind = resource.Plural, Group = resource.Group, Name = name };
}
