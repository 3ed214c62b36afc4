using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Checks that many fields share.</summary>
internal static class Checks
{
    /// <summary>What is said of a number below nothing.</summary>
    public const string NotNegative = "must be greater than or equal to 0";

    private const string Port = "must be between 1 and 65535, inclusive";

    /// <summary>Fields that may not be below nothing.</summary>
    public static IEnumerable<FieldProblem> NonNegative(JsonObject item, string path, params string[] fields) =>
        from field in fields
        where item.Number(field) < 0
        select FieldProblems.Invalid(JsonPath.Child(path, field), item[field], NotNegative);

    /// <summary>A field that has one of some values, or is left out.</summary>
    public static IEnumerable<FieldProblem> OneOf(JsonObject item, string field, string path, params string[] values)
    {
        if (item.Text(field) is { } value && !values.Contains(value))
            yield return FieldProblems.NotSupported(JsonPath.Child(path, field), value, values);
    }

    /// <summary>A text that has to be there.</summary>
    public static IEnumerable<FieldProblem> Required(JsonObject item, string field, string path)
    {
        if ((item.Text(field) ?? "").Length == 0)
            yield return FieldProblems.Required(JsonPath.Child(path, field));
    }

    /// <summary>A text that has to be there and follow a rule.</summary>
    public static IEnumerable<FieldProblem> Required(JsonObject item, string field, string path, Func<string, IEnumerable<string>> rule) =>
        item.Text(field) is { Length: > 0 } value
            ? FieldProblems.OfText(JsonPath.Child(path, field), value, rule)
            : [FieldProblems.Required(JsonPath.Child(path, field))];

    /// <summary>A number of a port.</summary>
    public static IEnumerable<FieldProblem> PortNumber(JsonNode? value, string path)
    {
        if (JsonNumber.Of(value)?.Whole is not (> 0 and <= 65535))
            yield return FieldProblems.Invalid(path, value, Port);
    }

    /// <summary>The number or the name of a port.</summary>
    public static IEnumerable<FieldProblem> PortReference(JsonNode? value, string path) =>
        value.Text() is { } name ? FieldProblems.OfText(path, name, NameRules.PortName) : PortNumber(value ?? 0, path);

    /// <summary>A path within a volume.</summary>
    public static IEnumerable<FieldProblem> LocalPath(string value, string path)
    {
        if (value.StartsWith('/'))
            yield return FieldProblems.Invalid(path, value, "must be a relative path");
        if (value.Split('/').Contains(".."))
            yield return FieldProblems.Invalid(path, value, "must not contain '..'");
    }

    /// <summary>The user or group that a process runs as.</summary>
    public static IEnumerable<FieldProblem> Identities(JsonObject? context, string path, params string[] fields) =>
        from field in fields
        where context.Number(field) is < 0 or > int.MaxValue
        select FieldProblems.Invalid(JsonPath.Child(path, field), context!.At(field), "must be between 0 and 2147483647, inclusive");

    /// <summary>Items with the same value, but for the first of them.</summary>
    public static IEnumerable<FieldProblem> Unique(IEnumerable<(string? Value, string Path)> items)
    {
        var seen = new HashSet<string>();
        foreach (var (value, path) in items)
        {
            if (value is { Length: > 0 } && !seen.Add(value))
                yield return FieldProblems.Duplicate(path, value);
        }
    }
}
