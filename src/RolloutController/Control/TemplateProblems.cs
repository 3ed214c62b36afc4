using System.Text.Json;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>What in a pod template stands against the checks of its Rollout, found before anything moves.</summary>
internal static class TemplateProblems
{
    /// <summary>Finds the problems.</summary>
    /// <param name="spec">What the Rollout asks for.</param>
    /// <param name="asked">Its template.</param>
    public static IEnumerable<Problem> Of(RolloutSpec spec, AskedTemplate asked)
    {
        var pod = asked.Template.TryGetProperty("spec", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        foreach (var (http, field) in SelectorProblems.All(spec).Where(one => one.Check.Http is not null).Select(one => (one.Check.Http!, $"{one.Field}.http")))
        {
            if (pod.ValueKind == JsonValueKind.Object && pod.TryGetProperty("hostNetwork", out var host) && host.ValueKind == JsonValueKind.True)
            {
                yield return new Problem(
                    EventReason.HostNetworkNotAsked, field,
                    $"the pods of {asked.Field} share the network of their nodes (hostNetwork), where a request would meet whatever listens there; take hostNetwork out, or use another kind of check");
            }
            else if (http.Port is { Number: null, Text: var name } && !Ports(pod).Contains(name))
            {
                yield return new Problem(EventReason.PortNotFound, $"{field}.port", $"no container of {asked.Field} has a port of the name {name}; name the port there, or write its number");
            }
            else if (http.Port is null && !Ports(pod).Any())
            {
                yield return new Problem(EventReason.PortNotFound, $"{field}.port", $"no container of {asked.Field} has a port, so the one to ask is not known; write http.port");
            }
        }
    }

    /// <summary>The names of the ports of all containers; empty for one that has none.</summary>
    private static IEnumerable<string> Ports(JsonElement pod) =>
        from container in List(pod, "containers")
        from port in List(container, "ports")
        select port.ValueKind == JsonValueKind.Object && port.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "";

    private static JsonElement.ArrayEnumerator List(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
}
