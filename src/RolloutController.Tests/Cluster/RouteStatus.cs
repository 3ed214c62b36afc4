using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>The status that a Gateway controller writes about a route, as a merge patch of the status subresource.</summary>
internal static class RouteStatus
{
    /// <param name="route">The version that is answered.</param>
    /// <param name="accepted">Whether the gateway takes it.</param>
    /// <param name="missingBackend">A Service that it names and that is not there; null when all are.</param>
    public static JsonObject Of(JsonObject route, bool accepted, string? missingBackend)
    {
        var generation = route.Number("metadata.generation");
        var acceptance = accepted
            ? Condition("Accepted", true, "Accepted", "", generation)
            : Condition("Accepted", false, "NotAllowedByListeners", "no listener of the gateway allows this route", generation);
        var resolution = missingBackend is null
            ? Condition("ResolvedRefs", true, "ResolvedRefs", "", generation)
            : Condition("ResolvedRefs", false, "BackendNotFound", $"Service {missingBackend} not found", generation);
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = route.Uid() },
            ["status"] = new JsonObject
            {
                ["parents"] = new JsonArray([.. route.Each("spec.parentRefs").Select(parent => new JsonObject
                {
                    ["parentRef"] = parent.DeepClone(),
                    ["controllerName"] = "test.rollouts.dev/gateway",
                    ["conditions"] = new JsonArray(acceptance.DeepClone(), resolution.DeepClone()),
                })]),
            },
        };
    }

    private static JsonObject Condition(string type, bool status, string reason, string message, long generation) => new()
    {
        ["type"] = type,
        ["status"] = status ? "True" : "False",
        ["reason"] = reason,
        ["message"] = message,
        ["observedGeneration"] = generation,
        ["lastTransitionTime"] = PodStatus.Now(),
    };
}
