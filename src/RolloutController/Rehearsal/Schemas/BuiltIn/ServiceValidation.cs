using System.Net;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges Services.</summary>
internal static class ServiceValidation
{
    private const string List = "spec.ports";

    /// <summary>Judges a Service.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject spec) =>
    [
        .. Ports(spec),
        .. ObjectMetadata.Labels(spec.Object("selector") ?? [], "spec.selector"),
        .. Checks.OneOf(spec, "sessionAffinity", "spec", "ClientIP", "None"),
        .. Checks.OneOf(spec, "type", "spec", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
        .. Addresses(spec),
        .. External(spec),
    ];

    private static IEnumerable<FieldProblem> Ports(JsonObject spec)
    {
        var ports = spec.Objects("ports").Select((port, index) => (Item: port, Path: JsonPath.Index(List, index))).ToList();
        var isOptional = spec.Text("clusterIP") == "None" || spec.Text("type") == "ExternalName";
        var seen = new List<JsonObject>();
        return
        [
            .. ports.Count == 0 && !isOptional ? [FieldProblems.Required(List)] : Array.Empty<FieldProblem>(),
            .. ports.SelectMany(port => Port(port.Item, port.Path, ports.Count > 1, spec.Text("type"))),
            .. Checks.Unique(ports.Select(port => (port.Item.Text("name"), $"{port.Path}.name"))),
            .. ports.Where(port => IsTaken(port.Item)).Select(port => FieldProblems.Duplicate(port.Path, new JsonObject
            {
                ["protocol"] = port.Item["protocol"]?.DeepClone(),
                ["port"] = port.Item["port"]?.DeepClone(),
            })),
        ];

        bool IsTaken(JsonObject port)
        {
            var isTaken = seen.Exists(other => JsonNode.DeepEquals(other["port"], port["port"]) && other.Text("protocol") == port.Text("protocol"));
            seen.Add(port);
            return isTaken;
        }
    }

    private static IEnumerable<FieldProblem> Port(JsonObject port, string path, bool needsName, string? type) =>
    [
        .. port.Text("name") is { Length: > 0 } name ? FieldProblems.OfText($"{path}.name", name, NameRules.Label)
            : needsName ? [FieldProblems.Required($"{path}.name")] : Array.Empty<FieldProblem>(),
        .. Checks.PortNumber(port["port"] ?? 0, $"{path}.port"),
        .. Checks.OneOf(port, "protocol", path, "SCTP", "TCP", "UDP"),
        .. Checks.PortReference(port["targetPort"], $"{path}.targetPort"),
        .. type == "ClusterIP" && port.Number("nodePort") is > 0
            ? [FieldProblems.Forbidden($"{path}.nodePort", "may not be used when `type` is 'ClusterIP'")]
            : Array.Empty<FieldProblem>(),
    ];

    private static IEnumerable<FieldProblem> Addresses(JsonObject spec)
    {
        if (spec.Text("clusterIP") is { Length: > 0 } address && address != "None" && !IPAddress.TryParse(address, out _))
            yield return FieldProblems.Invalid("spec.clusterIPs[0]", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }

    private static IEnumerable<FieldProblem> External(JsonObject spec)
    {
        if (spec.Text("type") == "ExternalName")
        {
            foreach (var problem in spec.Text("externalName") is { Length: > 0 } name
                ? FieldProblems.OfText("spec.externalName", name.TrimEnd('.'), NameRules.Subdomain)
                : [FieldProblems.Required("spec.externalName")])
                yield return problem;
        }

        if (spec.Text("externalTrafficPolicy") is { Length: > 0 } policy && spec.Text("type") is not ("NodePort" or "LoadBalancer"))
            yield return FieldProblems.Invalid("spec.externalTrafficPolicy", policy, "ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service");
    }
}
