using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Traffic;

/// <summary>The controller's own Service, which selects the pods of the canary while a rollout runs.</summary>
public static class CanaryService
{
    private const string Suffix = "-canary";
    private const string ManagedBy = "app.kubernetes.io/managed-by";
    private const string Manager = "rollout-controller";

    /// <summary>
    /// The longest name of a user's Service that leaves room for the suffix, in characters: the name of a Service is a DNS label, 63 at most.
    /// </summary>
    public static int MaxServiceNameLength => 63 - Suffix.Length;

    /// <summary>The name of the canary Service: the user's Service and <c>-canary</c>.</summary>
    public static string NameOf(string service) => service + Suffix;

    /// <summary>Whether a Service says that this controller made it.</summary>
    /// <param name="labels">Its labels.</param>
    public static bool IsLabelled(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(ManagedBy) == Manager;

    /// <summary>Describes the canary Service, to be applied or created.</summary>
    /// <param name="namespace">The namespace of both Services.</param>
    /// <param name="name">The canary Service's name.</param>
    /// <param name="selector">The selector of the user's Service, pinned or not.</param>
    /// <param name="ports">The ports of the user's Service.</param>
    /// <param name="hash">The pod template hash of the canary's pods.</param>
    /// <param name="ownerReference">The Rollout, so that the Service goes with it.</param>
    public static JsonObject For(
        string @namespace, string name, IReadOnlyDictionary<string, string> selector, IReadOnlyList<ServicePort> ports, string hash, JsonObject ownerReference)
    {
        var canarySelector = new JsonObject(selector.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        canarySelector[ServicePin.Key] = hash;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = @namespace,
                ["labels"] = new JsonObject { [ManagedBy] = Manager },
                ["ownerReferences"] = new JsonArray(ownerReference.DeepClone()),
            },
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["selector"] = canarySelector,
                ["ports"] = new JsonArray([.. ports.Select(Port)]),
            },
        };
    }

    // A node port belongs to the one Service that holds it.
    private static JsonObject Port(ServicePort port)
    {
        var copy = new JsonObject { ["port"] = port.Port };
        if (port.Name.Length > 0)
            copy["name"] = port.Name;
        if (port.Protocol.Length > 0)
            copy["protocol"] = port.Protocol;
        if (port.AppProtocol.Length > 0)
            copy["appProtocol"] = port.AppProtocol;
        if (port.TargetPort is { } target)
            copy["targetPort"] = JsonNode.Parse(target.GetRawText());
        return copy;
    }
}
