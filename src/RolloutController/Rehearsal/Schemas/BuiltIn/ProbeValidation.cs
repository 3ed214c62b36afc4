using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges probes and lifecycle hooks.</summary>
internal static class ProbeValidation
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
    private static readonly string[] Counts = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

    /// <summary>Judges those of a container.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject container, string path) =>
    [
        .. Probe(container.Object("livenessProbe"), $"{path}.livenessProbe", isReadiness: false),
        .. Probe(container.Object("readinessProbe"), $"{path}.readinessProbe", isReadiness: true),
        .. Probe(container.Object("startupProbe"), $"{path}.startupProbe", isReadiness: false),
        .. Handler(container.Object("lifecycle", "postStart"), $"{path}.lifecycle.postStart"),
        .. Handler(container.Object("lifecycle", "preStop"), $"{path}.lifecycle.preStop"),
    ];

    private static IEnumerable<FieldProblem> Probe(JsonObject? probe, string path, bool isReadiness)
    {
        if (probe is null)
            return [];
        var threshold = probe["successThreshold"];
        return
        [
            .. Handler(probe, path),
            .. Checks.NonNegative(probe, path, Counts),
            .. isReadiness || probe.Number("successThreshold") == 1 ? [] : new[] { FieldProblems.Invalid($"{path}.successThreshold", threshold, "must be 1") },
        ];
    }

    private static IEnumerable<FieldProblem> Handler(JsonObject? handler, string path)
    {
        if (handler is null)
            yield break;
        var given = Handlers.Where(name => handler.Object(name) is not null).ToList();
        if (given.Count == 0)
            yield return FieldProblems.Required(path, "must specify a handler type");
        foreach (var name in given.Skip(1))
            yield return FieldProblems.Forbidden($"{path}.{name}", "may not specify more than 1 handler type");
        foreach (var problem in given.Take(1).SelectMany(name => Handler(name, handler.Object(name)!, $"{path}.{name}")))
            yield return problem;
    }

    private static IEnumerable<FieldProblem> Handler(string name, JsonObject handler, string path) => name switch
    {
        "exec" => handler.Items("command").Any() ? [] : [FieldProblems.Required($"{path}.command")],
        "tcpSocket" => Checks.PortReference(handler["port"], $"{path}.port"),
        "httpGet" =>
        [
            .. Checks.Required(handler, "path", path),
            .. Checks.PortReference(handler["port"], $"{path}.port"),
            .. Checks.OneOf(handler, "scheme", path, "HTTP", "HTTPS"),
            .. handler.Objects("httpHeaders").SelectMany(header => FieldProblems.OfText($"{path}.httpHeaders", header.Text("name") ?? "", HeaderName)),
        ],
        _ => [],
    };

    private static IEnumerable<string> HeaderName(string name)
    {
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
            yield return "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
    }
}
