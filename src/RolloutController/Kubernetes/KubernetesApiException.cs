using System.Net;

namespace RolloutController.Kubernetes;

/// <summary>The API refused or failed a request.</summary>
public sealed class KubernetesApiException : Exception
{
    /// <summary>Makes the exception from what the API answered.</summary>
    /// <param name="statusCode">The HTTP status, or the code of an error event in a watch.</param>
    /// <param name="reason">The machine-readable reason, such as <c>Conflict</c>; empty when the API gave none.</param>
    /// <param name="message">What the API said, capped.</param>
    /// <param name="retryAfter">How long the API asked to wait, if it did.</param>
    /// <param name="causes">The fields at fault and what is wrong with each.</param>
    public KubernetesApiException(HttpStatusCode statusCode, string reason, string message, TimeSpan? retryAfter = null, IReadOnlyList<StatusCause>? causes = null)
        : base(message)
    {
        StatusCode = statusCode;
        Reason = reason;
        RetryAfter = retryAfter;
        Causes = causes ?? [];
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The machine-readable reason; empty when the API gave none.</summary>
    public string Reason { get; }

    /// <summary>How long the API asked to wait, if it did.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The fields at fault.</summary>
    public IReadOnlyList<StatusCause> Causes { get; }

    /// <summary>The name of the object that the refusal is about; empty when the API named none.</summary>
    public string ObjectName { get; init; } = "";

    /// <summary>Whether something else than the API answered, such as a login page before it.</summary>
    public bool IsForeign { get; init; }

    /// <summary>There is no such object or kind.</summary>
    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound && !IsForeign;

    /// <summary>
    /// Whether the API says that it has no object of this name. A 404 that names no object says of the path that it is not served, as an API
    /// server that has just started does, and a proxy: the object may be there all the same.
    /// </summary>
    public bool IsAbsenceOf(ObjectKey key) => IsNotFound && ObjectName == key.Name;

    /// <summary>The object was changed since it was read.</summary>
    public bool IsConflict => StatusCode == HttpStatusCode.Conflict && Reason != "AlreadyExists";

    /// <summary>An object of that name exists already.</summary>
    public bool IsAlreadyExists => Reason == "AlreadyExists";

    /// <summary>The resource version is too old to go on from.</summary>
    public bool IsGone => StatusCode == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>The object or a field of it is not valid.</summary>
    public bool IsInvalid => StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest;

    /// <summary>The role does not allow the request.</summary>
    public bool IsForbidden => StatusCode == HttpStatusCode.Forbidden && !IsForeign;
}

/// <summary>One cause in a refused request.</summary>
/// <param name="Field">The path of the field at fault; may be empty.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record StatusCause(string Field, string Message);
