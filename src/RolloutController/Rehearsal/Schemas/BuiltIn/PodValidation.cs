using System.Net;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges the specification of a pod, as far as users write it; affinity and the insides of rarer volumes are taken as they are.</summary>
internal static class PodValidation
{
    /// <summary>Judges a pod, which is stricter than judging a template.</summary>
    public static IEnumerable<FieldProblem> CheckPod(JsonObject spec, string path) => Check(spec, path).Concat(
        from container in spec.Objects("containers").Select((item, index) => (Item: item, Path: JsonPath.Index($"{path}.containers", index)))
        let image = container.Item.Text("image") ?? ""
        where image != image.Trim()
        select FieldProblems.Invalid($"{container.Path}.image", image, "must not have leading or trailing whitespace"));

    /// <summary>Judges the specification of a pod or template, defaulted.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject spec, string path) =>
    [
        .. VolumeValidation.Check(spec, $"{path}.volumes"),
        .. Containers(spec, path),
        .. Checks.OneOf(spec, "restartPolicy", path, "Always", "OnFailure", "Never"),
        .. Dns(spec, path),
        .. Checks.NonNegative(spec, path, "terminationGracePeriodSeconds"),
        .. ObjectMetadata.Labels(spec.Object("nodeSelector") ?? [], $"{path}.nodeSelector"),
        .. Names(spec, path),
        .. Checks.Identities(spec.Object("securityContext"), $"{path}.securityContext", "runAsUser", "runAsGroup", "fsGroup"),
        .. spec.Objects("tolerations").SelectMany((toleration, index) => Toleration(toleration, JsonPath.Index($"{path}.tolerations", index))),
        .. spec.Objects("topologySpreadConstraints").SelectMany((spread, index) => Spread(spread, JsonPath.Index($"{path}.topologySpreadConstraints", index))),
        .. spec.Objects("hostAliases").SelectMany(alias => HostAlias(alias, $"{path}.hostAliases")),
        .. spec.Objects("readinessGates").SelectMany((gate, index) => FieldProblems.OfText(
            $"{JsonPath.Index($"{path}.readinessGates", index)}.conditionType", gate.Text("conditionType") ?? "", NameRules.QualifiedName)),
    ];

    private static IEnumerable<FieldProblem> Containers(JsonObject spec, string path)
    {
        var containers = spec.Objects("containers").Select((container, index) => (Item: container, Path: JsonPath.Index($"{path}.containers", index))).ToList();
        var initial = spec.Objects("initContainers").Select((container, index) => (Item: container, Path: JsonPath.Index($"{path}.initContainers", index))).ToList();
        var volumes = spec.Objects("volumes").Select(volume => volume.Text("name") ?? "").ToHashSet();
        return
        [
            .. containers.Count == 0 ? [FieldProblems.Required($"{path}.containers")] : Array.Empty<FieldProblem>(),
            .. containers.Concat(initial).SelectMany(container => ContainerValidation.Check(container.Item, container.Path, volumes)),
            .. Checks.Unique(containers.Concat(initial).Select(container => (container.Item.Text("name"), $"{container.Path}.name"))),
            .. Checks.Unique(from container in containers
                             from port in container.Item.Objects("ports").Select((item, index) => (Item: item, Path: JsonPath.Index($"{container.Path}.ports", index)))
                             where port.Item.Number("hostPort") is > 0
                             select ((string?)$"{port.Item.Text("protocol")}/{port.Item.Text("hostIP")}/{port.Item.Number("hostPort")}", $"{port.Path}.hostPort")),
        ];
    }

    private static IEnumerable<FieldProblem> Dns(JsonObject spec, string path)
    {
        foreach (var problem in Checks.OneOf(spec, "dnsPolicy", path, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"))
            yield return problem;
        if (spec.Text("dnsPolicy") != "None")
            yield break;
        if (spec.Object("dnsConfig") is not { } config)
            yield return FieldProblems.Required($"{path}.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
        else if (!config.Items("nameservers").Any())
            yield return FieldProblems.Required($"{path}.dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }

    private static IEnumerable<FieldProblem> Names(JsonObject spec, string path)
    {
        foreach (var (field, rule) in new (string, Func<string, IEnumerable<string>>)[]
        {
            ("serviceAccountName", NameRules.Subdomain), ("nodeName", NameRules.Subdomain), ("priorityClassName", NameRules.Subdomain),
            ("hostname", NameRules.Label), ("subdomain", NameRules.Label),
        })
        {
            foreach (var problem in spec.Text(field) is { Length: > 0 } name ? FieldProblems.OfText($"{path}.{field}", name, rule) : [])
                yield return problem;
        }
    }

    private static IEnumerable<FieldProblem> Toleration(JsonObject toleration, string path)
    {
        var key = toleration.Text("key") ?? "";
        var operation = toleration.Text("operator") ?? "";
        foreach (var problem in key.Length > 0 ? FieldProblems.OfText($"{path}.key", key, NameRules.QualifiedName) : [])
            yield return problem;
        if (key.Length == 0 && operation != "Exists")
            yield return FieldProblems.Invalid($"{path}.operator", operation, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        if (toleration["tolerationSeconds"] is not null && toleration.Text("effect") != "NoExecute")
            yield return FieldProblems.Invalid($"{path}.effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
        if (operation == "Exists" && toleration.Text("value") is { Length: > 0 })
            yield return FieldProblems.Invalid($"{path}.operator", toleration.Text("value"), "value must be empty when `operator` is 'Exists'");
        foreach (var problem in Checks.OneOf(toleration, "operator", path, "Equal", "Exists"))
            yield return problem;
        foreach (var problem in Checks.OneOf(toleration, "effect", path, "NoSchedule", "PreferNoSchedule", "NoExecute"))
            yield return problem;
    }

    private static IEnumerable<FieldProblem> Spread(JsonObject spread, string path)
    {
        if (spread.Number("maxSkew") is not > 0)
            yield return FieldProblems.Invalid($"{path}.maxSkew", spread["maxSkew"] ?? 0, "must be greater than zero");
        if (spread.Text("topologyKey") is not { Length: > 0 })
            yield return FieldProblems.Required($"{path}.topologyKey", "can not be empty");
        foreach (var problem in Checks.OneOf(spread, "whenUnsatisfiable", path, "DoNotSchedule", "ScheduleAnyway"))
            yield return problem;
    }

    private static IEnumerable<FieldProblem> HostAlias(JsonObject alias, string path)
    {
        if (!IPAddress.TryParse(alias.Text("ip"), out _))
            yield return FieldProblems.Invalid($"{path}.ip", alias.Text("ip") ?? "", "must be valid IP address");
        foreach (var problem in alias.Items("hostnames").SelectMany(name => FieldProblems.OfText($"{path}.hostnames", name.Text() ?? "", NameRules.Subdomain)))
            yield return problem;
    }
}
