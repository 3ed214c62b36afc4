using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

/// <summary>Routes as the API serves them.</summary>
internal static class Routes
{
    public const string Service = "shop";
    public const string Canary = "shop-canary";
    public static readonly int[] Steps = [5, 25, 50, 100];

    /// <summary>A route at rest; each text is one rule's <c>backendRefs</c> in short form: <c>name[:port] weight, ...</c>.</summary>
    public static JsonObject Json(params string[] rules) => new()
    {
        ["apiVersion"] = "gateway.networking.k8s.io/v1",
        ["kind"] = "HTTPRoute",
        ["metadata"] = new JsonObject { ["name"] = "shop", ["namespace"] = "default", ["resourceVersion"] = "41", ["generation"] = 3 },
        ["spec"] = new JsonObject
        {
            ["parentRefs"] = new JsonArray(new JsonObject { ["name"] = "public" }),
            ["rules"] = new JsonArray([.. rules.Select((refs, index) => new JsonObject
            {
                ["matches"] = new JsonArray(new JsonObject { ["path"] = new JsonObject { ["type"] = "PathPrefix", ["value"] = $"/{index}" } }),
                ["backendRefs"] = Refs(refs),
            })]),
        },
    };

    /// <summary>Entries in short form, with the defaults that the API stores.</summary>
    public static JsonArray Refs(string refs) =>
        [.. refs.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(entry =>
        {
            var (backend, weight) = (entry.Split(' ')[0].Split(':'), entry.Split(' ')[1]);
            return new JsonObject
            {
                ["group"] = "", ["kind"] = "Service", ["name"] = backend[0],
                ["port"] = backend.Length > 1 ? JsonNode.Parse(backend[1]) : 80, ["weight"] = JsonNode.Parse(weight),
            };
        })];

    public static GatewayRoute Read(JsonObject json) =>
        JsonSerializer.Deserialize(json.ToJsonString(), GatewayRoutes.Http.TypeInfo)!;

    /// <summary>The route after the write that takes it to a weight.</summary>
    public static JsonObject At(this JsonObject route, int weight, MatchSpec? match = null) =>
        Apply(route, RouteWeights.Plan(Read(route), Service, Canary, weight, Steps, match));

    /// <summary>The route after the write that sends matched requests to the canary, and no others.</summary>
    public static JsonObject AtMatched(this JsonObject route, MatchSpec match) => Apply(route, RouteWeights.PlanMatched(Read(route), Service, Canary, match));

    private static JsonObject Apply(JsonObject route, RoutePlan plan) =>
        plan switch
        {
            RoutePlan.Change(var patch) => JsonPatches.Apply(route, JsonNode.Parse(patch.Body.ToJsonString())!),
            RoutePlan.Unchanged => route,
            RoutePlan.Impossible(var message) => throw new InvalidOperationException(message),
            var other => throw new NotSupportedException(other.ToString()),
        };

    public static RouteReading Reading(this JsonObject route, MatchSpec? match = null) => RouteWeights.Read(Read(route), Service, Canary, match);

    public static JsonArray Rules(this JsonObject route) => route["spec"]!["rules"]!.AsArray();

    public static JsonArray BackendRefs(this JsonObject route, int rule) => route.Rules()[rule]!["backendRefs"]!.AsArray();

    /// <summary>Every rule's entries in short form, without the port where it is 80.</summary>
    public static string[] Short(this JsonObject route) =>
        [.. route.Rules().Select(rule => string.Join(", ", rule!["backendRefs"]!.AsArray().Select(entry =>
            $"{entry!["name"]}{((int)entry["port"]! == 80 ? "" : $":{entry["port"]}")} {entry["weight"]}")))];
}
