using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Crd;

/// <summary>Why an object was refused: the field, and what the user reads about it.</summary>
internal sealed record ApiCause(string Field, string Message);

/// <summary>What the API server answered.</summary>
internal sealed record ApiReply(HttpStatusCode Status, JsonObject Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The errors of validation, none on success.</summary>
    public IEnumerable<ApiCause> Causes =>
        from cause in Body["details"]?["causes"] as JsonArray ?? []
        select new ApiCause((string?)cause["field"] ?? "", (string?)cause["message"] ?? "");

    public override string ToString() => $"{(int)Status} {(string?)Body["message"]}";
}
