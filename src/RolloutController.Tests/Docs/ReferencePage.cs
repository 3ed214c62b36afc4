using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Docs;

/// <summary>Makes the reference of every field from the schema in <c>crds/rollouts.yaml</c>.</summary>
internal sealed class ReferencePage
{
    private readonly StringBuilder _text = new();

    /// <summary>The fields with fields of their own that have a section, by their schema: what says the same is printed once.</summary>
    private readonly Dictionary<string, string> _sections = [];

    /// <summary>The sections for spec and status.</summary>
    public static string Make()
    {
        var page = new ReferencePage();
        page.Section("spec", 2);
        page.Section("status", 2);
        return page._text.ToString();
    }

    private void Section(string path, int level)
    {
        var schema = CrdSchema.Fields.Single(field => field.Path == path).Schema;
        _sections[schema.ToJsonString()] = path;
        _text.Append($"{new string('#', level)} `{path}`\n\n{Description(schema)}\n\n");
        Rules(schema, "- ");
        if (Rules(schema).Any())
            _text.Append('\n');
        var fields = CrdSchema.Fields.Where(field => Parent(field.Path) == path && !field.Path.EndsWith("[]", StringComparison.Ordinal) && !field.Path.EndsWith('*')).ToList();
        _text.Append("| Field | Type | Default | Meaning and limits |\n| --- | --- | --- | --- |\n");
        foreach (var field in fields)
            Row(schema, field);
        _text.Append('\n');
        foreach (var inner in fields.Select(Inner).OfType<string>())
            Section(inner, 3);
    }

    private void Row(JsonObject parent, SchemaField field)
    {
        var name = field.Path[(field.Path.LastIndexOf('.') + 1)..];
        var required = (parent["required"] as JsonArray ?? []).Any(each => (string?)each == name);
        var fallback = required ? "required" : field.Schema["default"] is { } value ? $"`{Text(value)}`" : "";
        _text.Append($"| `{name}` | {Type(field)} | {Cell(fallback)} | {Cell(string.Join(' ', new[] { Description(field.Schema) }.Concat(Limits(field.Schema)).Concat(ItemLimits(field)).Where(part => part.Length > 0)))} |\n");
    }

    /// <summary>The path of the fields within a field, where they are to get a section.</summary>
    private string? Inner(SchemaField field)
    {
        var within = Within(field);
        return within is not null && !_sections.ContainsKey(within.Schema.ToJsonString()) ? within.Path : null;
    }

    /// <summary>The object that a field is, or that the items of a list are; null where it has no fields.</summary>
    private static SchemaField? Within(SchemaField field) =>
        field.Schema["properties"] is not null ? field
        : field.Schema["items"] is JsonObject item && item["properties"] is not null ? new SchemaField($"{field.Path}[]", item)
        : null;

    private string Type(SchemaField field)
    {
        var within = Within(field);
        var known = within is null ? null : _sections.GetValueOrDefault(within.Schema.ToJsonString(), within.Path);
        var name = field.Schema["items"] is JsonObject item && item["properties"] is null ? $"list of {Plain(item)}" : within?.Path.EndsWith("[]", StringComparison.Ordinal) == true ? "list" : Plain(field.Schema);
        return known is null ? name : $"[{name}](#{Markdown.Anchor(known)})";
    }

    private static string Plain(JsonObject schema)
    {
        var rules = string.Join('\n', (schema["x-kubernetes-validations"] as JsonArray ?? []).Select(rule => (string?)rule!["rule"]));
        return (string?)schema["type"] switch
        {
            "string" when rules.Contains("(h|m|s|ms)", StringComparison.Ordinal) => "duration",
            "string" when rules.Contains("%$", StringComparison.Ordinal) => "percentage",
            "string" when (string?)schema["format"] == "date-time" => "time",
            "string" => "text",
            "integer" => "number",
            "object" when schema["additionalProperties"] is JsonObject value => $"map of {Plain(value)}",
            { } other => other,
            null => "number or text",
        };
    }

    private static IEnumerable<string> ItemLimits(SchemaField field) =>
        (field.Schema["items"] ?? field.Schema["additionalProperties"]) is JsonObject { } item && item["properties"] is null ? Limits(item).Select(limit => $"Each: {limit}") : [];

    private static IEnumerable<string> Limits(JsonObject schema)
    {
        if (schema["enum"] is JsonArray words)
            yield return $"One of {string.Join(", ", words.Select(word => $"`{word}`"))}.";
        if ((Range(schema, "minimum", "maximum"), Range(schema, "minLength", "maxLength"), Range(schema, "minItems", "maxItems"), Range(schema, "minProperties", "maxProperties")) is var (number, length, items, entries))
        {
            if (number is not null)
                yield return $"{number}.";
            // The longest duration or rate says nothing beside its rule.
            if (length is not null && Rules(schema).All(rule => !rule.StartsWith("write a duration", StringComparison.Ordinal) && !rule.StartsWith("write a percentage", StringComparison.Ordinal)))
                yield return $"{length} characters.";
            if (items is not null)
                yield return $"{items} entries.";
            if (entries is not null)
                yield return $"{entries} entries.";
        }

        if (schema["properties"] is null)
        {
            foreach (var rule in Rules(schema))
                yield return $"Rule: {rule}.";
        }
    }

    private static string? Range(JsonObject schema, string least, string most) => (Number(schema[least]), Number(schema[most])) switch
    {
        (null, null) => null,
        (null, { } max) => $"At most {max}",
        ({ } min, null) => $"At least {min}",
        ({ } min, { } max) when min == max => min,
        ({ } min, { } max) => $"{min} to {max}",
    };

    private static string? Number(JsonNode? number) => number is null ? null : ((long)number).ToString("N0", CultureInfo.InvariantCulture);

    private void Rules(JsonObject schema, string before)
    {
        foreach (var rule in Rules(schema))
            _text.Append($"{before}{rule}\n");
    }

    private static IEnumerable<string> Rules(JsonObject schema) =>
        (schema["x-kubernetes-validations"] as JsonArray ?? []).Select(rule => Code(((string?)rule!["message"] ?? "").Trim())).Where(rule => rule.Length > 0);

    private static string Description(JsonObject schema) => Code(((string?)schema["description"] ?? "").Trim());

    /// <summary>What Markdown would take for its own.</summary>
    private static string Code(string text) => text.Replace("<", "&lt;", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(JsonNode value) => value switch
    {
        JsonArray items => $"[{string.Join(", ", items.Select(item => Text(item!)))}]",
        JsonObject map => $"{{{string.Join(", ", map.Select(entry => $"{entry.Key}: {Text(entry.Value!)}"))}}}",
        _ => value.ToString(),
    };

    private static string Parent(string path) => path.LastIndexOf('.') is var dot && dot < 0 ? "" : path[..dot];
}
