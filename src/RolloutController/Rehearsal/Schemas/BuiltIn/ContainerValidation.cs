using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges a container.</summary>
internal static class ContainerValidation
{
    private static readonly string[] Resources = ["cpu", "memory", "ephemeral-storage"];

    /// <summary>Judges a container.</summary>
    /// <param name="container">The container, defaulted.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="volumes">The names of the volumes that it may mount.</param>
    public static IEnumerable<FieldProblem> Check(JsonObject container, string path, IReadOnlySet<string> volumes) =>
    [
        .. Checks.Required(container, "name", path, NameRules.Label),
        .. Checks.Required(container, "image", path),
        .. Checks.OneOf(container, "imagePullPolicy", path, "Always", "IfNotPresent", "Never"),
        .. MessagePolicy(container, path),
        .. Ports(container, $"{path}.ports"),
        .. EnvironmentValidation.Check(container, path),
        .. Mounts(container, $"{path}.volumeMounts", volumes),
        .. ProbeValidation.Check(container, path),
        .. Amounts(container.Object("resources"), $"{path}.resources"),
        .. Security(container.Object("securityContext"), $"{path}.securityContext"),
    ];

    private static IEnumerable<FieldProblem> MessagePolicy(JsonObject container, string path)
    {
        if (container.Text("terminationMessagePolicy") is not ("File" or "FallbackToLogsOnError"))
            yield return FieldProblems.Invalid($"{path}.terminationMessagePolicy", container["terminationMessagePolicy"], "must be 'File' or 'FallbackToLogsOnError'");
    }

    private static IEnumerable<FieldProblem> Ports(JsonObject container, string path)
    {
        var ports = container.Objects("ports").Select((port, index) => (Item: port, Path: JsonPath.Index(path, index))).ToList();
        return
        [
            .. ports.SelectMany(port => Port(port.Item, port.Path)),
            .. Checks.Unique(ports.Where(port => !NameRules.PortName(port.Item.Text("name") ?? "").Any()).Select(port => (port.Item.Text("name"), $"{port.Path}.name"))),
        ];
    }

    private static IEnumerable<FieldProblem> Port(JsonObject port, string path) =>
    [
        .. port.Text("name") is { Length: > 0 } name ? FieldProblems.OfText($"{path}.name", name, NameRules.PortName) : [],
        .. port.Number("containerPort") is null or 0 ? [FieldProblems.Required($"{path}.containerPort")] : Checks.PortNumber(port["containerPort"], $"{path}.containerPort"),
        .. port["hostPort"] is { } number ? Checks.PortNumber(number, $"{path}.hostPort") : [],
        .. Checks.OneOf(port, "protocol", path, "SCTP", "TCP", "UDP"),
    ];

    private static IEnumerable<FieldProblem> Mounts(JsonObject container, string path, IReadOnlySet<string> volumes)
    {
        var paths = new HashSet<string>();
        foreach (var (mount, index) in container.Objects("volumeMounts").Select((mount, index) => (mount, index)))
        {
            var at = JsonPath.Index(path, index);
            var name = mount.Text("name") ?? "";
            if (name.Length == 0)
                yield return FieldProblems.Required($"{at}.name");
            if (!volumes.Contains(name))
                yield return FieldProblems.NotFound($"{at}.name", name);
            if (mount.Text("mountPath") is not { Length: > 0 } target)
                yield return FieldProblems.Required($"{at}.mountPath");
            else if (!paths.Add(target))
                yield return FieldProblems.Invalid($"{at}.mountPath", target, "must be unique");
            foreach (var problem in Checks.LocalPath(mount.Text("subPath") ?? "", $"{path}.subPath"))
                yield return problem;
        }
    }

    private static IEnumerable<FieldProblem> Amounts(JsonObject? resources, string path)
    {
        var limits = resources.Object("limits") ?? [];
        var requests = resources.Object("requests") ?? [];
        return
        [
            .. limits.SelectMany(limit => Amount(limit.Key, limit.Value.Text() ?? "", $"{path}.limits")),
            .. requests.SelectMany(request => Amount(request.Key, request.Value.Text() ?? "", $"{path}.requests")),
            .. requests.SelectMany(request => WithinLimit(request.Key, request.Value.Text() ?? "", limits, path)),
        ];
    }

    private static IEnumerable<FieldProblem> Amount(string name, string amount, string path)
    {
        var at = JsonPath.Key(path, name);
        foreach (var problem in NameRules.QualifiedName(name))
            yield return FieldProblems.Invalid(at, name, problem);
        if (!name.Contains('/', StringComparison.Ordinal) && !IsStandard(name))
        {
            yield return FieldProblems.Invalid(at, name, "must be a standard resource type or fully qualified");
            yield return FieldProblems.Invalid(at, name, "must be a standard resource for containers");
        }

        if (Quantity.Parse(amount) is { Sign: < 0 })
            yield return FieldProblems.Invalid(at, amount, Checks.NotNegative);
    }

    private static IEnumerable<FieldProblem> WithinLimit(string name, string request, JsonObject limits, string path)
    {
        if (limits.Text(name) is { } limit)
        {
            if (Quantity.Parse(request) is { } wanted && Quantity.Parse(limit) is { } most && wanted.CompareTo(most) > 0)
                yield return FieldProblems.Invalid($"{path}.requests", request, $"must be less than or equal to {name} limit");
        }
        else if (!IsStandard(name) && name.Contains('/', StringComparison.Ordinal))
        {
            yield return FieldProblems.Required($"{path}.limits", "Limit must be set for non overcommitable resources");
        }
    }

    private static bool IsStandard(string name) => Resources.Contains(name) || name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static IEnumerable<FieldProblem> Security(JsonObject? context, string path)
    {
        foreach (var problem in Checks.Identities(context, path, "runAsUser", "runAsGroup"))
            yield return problem;
        if (context.Flag("privileged") && context.At("allowPrivilegeEscalation") is { } escalation && !escalation.GetValue<bool>())
            yield return FieldProblems.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
}
