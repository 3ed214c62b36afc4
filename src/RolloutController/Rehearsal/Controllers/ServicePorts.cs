using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>The ports of a Service as one pod serves them. Pods may give one name different numbers, so each set of numbers has endpoints of its own.</summary>
/// <param name="Ports">The ports.</param>
internal sealed record ServicePorts(IReadOnlyList<ServicePorts.Port> Ports)
{
    /// <summary>One port.</summary>
    /// <param name="Name">Its name; empty where the Service has one port.</param>
    /// <param name="Number">The pod's port.</param>
    /// <param name="Protocol">The protocol.</param>
    /// <param name="AppProtocol">What is spoken on it, if that is said.</param>
    internal sealed record Port(string Name, int Number, string Protocol, string? AppProtocol)
    {
        public JsonObject ToJson()
        {
            var json = new JsonObject { ["name"] = Name, ["port"] = Number, ["protocol"] = Protocol };
            if (AppProtocol is not null)
                json["appProtocol"] = AppProtocol;
            return json;
        }
    }

    /// <summary>The ports that a pod serves; a named port that it does not have is left out.</summary>
    public static ServicePorts Of(StoredObject service, StoredObject pod) => new([.. service.Json.Items("spec", "ports").Select(port => Find(port, pod)).OfType<Port>()]);

    public JsonArray ToJson() => new([.. Ports.Select(port => port.ToJson())]);

    public bool Equals(ServicePorts? other) => other is not null && Ports.SequenceEqual(other.Ports);

    public override int GetHashCode() => Ports.Aggregate(0, HashCode.Combine);

    private static Port? Find(JsonNode port, StoredObject pod)
    {
        var protocol = port.Text("protocol") ?? "TCP";
        return Number(port, protocol, pod) is { } number ? new Port(port.Text("name") ?? "", number, protocol, port.Text("appProtocol")) : null;
    }

    private static int? Number(JsonNode port, string protocol, StoredObject pod) => port.Text("targetPort") is { Length: > 0 } name
        ? (int?)pod.Json.Items("spec", "containers").SelectMany(container => container.Items("ports"))
            .FirstOrDefault(one => one.Text("name") == name && (one.Text("protocol") ?? "TCP") == protocol).Number("containerPort")
        : (int?)(port.Number("targetPort") is { } number and > 0 ? number : port.Number("port"));
}
