using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges the environment variables of a container. No message repeats a value, which may be a secret.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] Fields =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.podIP", "status.podIPs"];

    private static readonly string[] Resources =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    private static readonly string[] Sources = ["configMapRef", "secretRef"];

    /// <summary>Judges them.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject container, string path) =>
    [
        .. container.Objects("env").SelectMany((variable, index) => Variable(variable, JsonPath.Index($"{path}.env", index))),
        .. container.Objects("envFrom").SelectMany((source, index) => Source(source, $"{path}.envFrom", JsonPath.Index($"{path}.envFrom", index))),
    ];

    private static IEnumerable<FieldProblem> Variable(JsonObject variable, string path) =>
    [
        .. Checks.Required(variable, "name", path, NameRules.EnvironmentName),
        .. variable.Object("valueFrom") is { } from ? ValueFrom(from, variable.Text("value") is { Length: > 0 }, $"{path}.valueFrom") : [],
    ];

    private static IEnumerable<FieldProblem> ValueFrom(JsonObject from, bool hasValue, string path)
    {
        foreach (var problem in from.Object("fieldRef") is { } field ? Field(field, $"{path}.fieldRef") : [])
            yield return problem;
        foreach (var problem in from.Object("resourceFieldRef") is { } resource ? Resource(resource, $"{path}.resourceFieldRef") : [])
            yield return problem;
        foreach (var name in new[] { "configMapKeyRef", "secretKeyRef" })
        {
            foreach (var problem in from.Object(name) is { } reference ? Key(reference, $"{path}.{name}") : [])
                yield return problem;
        }

        if (from.Count == 0)
            yield return FieldProblems.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        else if (hasValue)
            yield return FieldProblems.Invalid(path, "", "may not be specified when `value` is not empty");
        else if (from.Count > 1)
            yield return FieldProblems.Invalid(path, "", "may not have more than one field specified at a time");
    }

    private static IEnumerable<FieldProblem> Field(JsonObject field, string path)
    {
        var name = field.Text("fieldPath") ?? "";
        if (name.Length == 0)
            yield return FieldProblems.Required($"{path}.fieldPath");
        else if (field.Text("apiVersion") != "v1")
            yield return FieldProblems.Invalid($"{path}.fieldPath", name, $"error converting fieldPath: unsupported pod version: {field.Text("apiVersion")}");
        else if (!name.StartsWith("metadata.labels['", StringComparison.Ordinal) && !name.StartsWith("metadata.annotations['", StringComparison.Ordinal) && !Fields.Contains(name))
            yield return FieldProblems.NotSupported($"{path}.fieldPath", name, Fields);
    }

    private static IEnumerable<FieldProblem> Resource(JsonObject resource, string path)
    {
        var name = resource.Text("resource") ?? "";
        if (name.Length == 0)
            yield return FieldProblems.Required($"{path}.resource");
        else if (!Resources.Contains(name))
            yield return FieldProblems.NotSupported($"{path}.resource", name, Resources);
    }

    private static IEnumerable<FieldProblem> Key(JsonObject reference, string path) =>
    [
        .. FieldProblems.OfText($"{path}.name", reference.Text("name") ?? "", NameRules.Subdomain),
        .. Checks.Required(reference, "key", path, NameRules.ConfigKey),
    ];

    private static IEnumerable<FieldProblem> Source(JsonObject source, string list, string path)
    {
        foreach (var problem in source.Text("prefix") is { Length: > 0 } prefix ? FieldProblems.OfText($"{path}.prefix", prefix, NameRules.EnvironmentName) : [])
            yield return problem;
        var references = Sources.Where(name => source.Object(name) is not null).ToList();
        foreach (var problem in references.SelectMany(name => FieldProblems.OfText($"{path}.{name}.name", source.Text(name, "name") ?? "", NameRules.Subdomain)))
            yield return problem;
        if (references.Count == 0)
            yield return FieldProblems.Invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
        else if (references.Count > 1)
            yield return FieldProblems.Invalid(list, "", "may not have more than one field specified at a time");
    }
}
