using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>An answer of the HTTP API.</summary>
/// <param name="Code">The status.</param>
/// <param name="Type">The media type.</param>
/// <param name="Body">The body.</param>
internal sealed record PrometheusAnswer(int Code, string Type, string Body)
{
    public static PrometheusAnswer Json(int code, JsonObject body) => new(code, "application/json", body.ToJsonString());

    public static PrometheusAnswer Text(int code, string body) => new(code, "text/plain", body);

    public static PrometheusAnswer Data(string resultType, IEnumerable<JsonNode> result) => Json(200, new JsonObject
    {
        ["status"] = "success",
        ["data"] = new JsonObject { ["resultType"] = resultType, ["result"] = new JsonArray([.. result]) },
    });

    public static PrometheusAnswer Error(int code, string type, string message) =>
        Json(code, new JsonObject { ["status"] = "error", ["errorType"] = type, ["error"] = message });
}
