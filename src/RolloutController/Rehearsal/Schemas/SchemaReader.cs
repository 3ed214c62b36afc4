using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Reads the structural schema of a CustomResourceDefinition. A keyword that is not known is an error: nothing is left unchecked.</summary>
internal static class SchemaReader
{
    private static readonly HashSet<string> Keywords =
    [
        "type", "format", "nullable", "default", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "pattern", "required", "properties",
        "additionalProperties", "items", "anyOf", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations",
        "description", "title", "example", "externalDocs",
    ];

    private static readonly string[] Types = ["object", "array", "string", "integer", "number", "boolean"];

    /// <summary>Reads a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="path">Where it is, for errors.</param>
    /// <exception cref="SchemaException">It cannot be read, or asks for what this implementation does not do.</exception>
    public static SchemaNode Read(JsonObject schema, string path)
    {
        foreach (var (keyword, _) in schema)
        {
            if (!Keywords.Contains(keyword))
                throw new SchemaException($"{path}.{keyword}", "this keyword is not supported here");
        }

        var items = schema["items"] is JsonObject item ? Read(item, $"{path}.items") : null;
        var values = Values(schema["additionalProperties"], $"{path}.additionalProperties");
        var properties = (schema["properties"] as JsonObject ?? []).ToDictionary(
            property => property.Key, property => Read(property.Value!.AsObject(), $"{path}.properties[{property.Key}]"));
        var node = new SchemaNode { Items = items, Values = values, Properties = properties };
        node = Constrained(Typed(node, schema, path), schema, path);
        var rules = RuleReader.Read(schema["x-kubernetes-validations"] as JsonArray ?? [], node, path);
        return node with
        {
            Rules = rules,
            HasRules = rules.Count > 0 || items is { HasRules: true } || values is { HasRules: true } || properties.Values.Any(property => property.HasRules),
        };
    }

    private static SchemaNode? Values(JsonNode? additional, string path) => additional switch
    {
        null => null,
        JsonObject values => Read(values, path),
        _ => throw new SchemaException(path, "only a schema is supported here"),
    };

    private static SchemaNode Typed(SchemaNode node, JsonObject schema, string path)
    {
        var isIntOrString = Is(schema, "x-kubernetes-int-or-string");
        var type = (string?)schema["type"];
        if (type is not null && !Types.Contains(type))
            throw new SchemaException($"{path}.type", $"there is no type {type}");
        if (schema.ContainsKey("anyOf") && !(isIntOrString && IsIntOrString(schema["anyOf"]!)))
            throw new SchemaException($"{path}.anyOf", "this keyword is not supported here, but for integer or string");
        var format = (string?)schema["format"];
        if (type == "string" && format is not null && !Formats.IsKnown(format))
            throw new SchemaException($"{path}.format", $"the format {format} is not supported here");
        return node with
        {
            Type = type,
            Format = format,
            IsIntOrString = isIntOrString,
            IsNullable = Is(schema, "nullable"),
            PreservesUnknownFields = Is(schema, "x-kubernetes-preserve-unknown-fields"),
            Default = schema["default"]?.DeepClone(),
            List = List(schema, path),
            IsAtomicMap = (string?)schema["x-kubernetes-map-type"] == "atomic",
        };
    }

    private static bool IsIntOrString(JsonNode alternatives) =>
        alternatives.AsArray().Select(alternative => (string?)alternative?["type"]).Order(StringComparer.Ordinal).SequenceEqual(["integer", "string"]);

    private static ListMerge List(JsonObject schema, string path) => (string?)schema["x-kubernetes-list-type"] switch
    {
        null or "atomic" => new ListMerge.Atomic(),
        "set" => new ListMerge.Set(),
        "map" => ByKeys([.. schema["x-kubernetes-list-map-keys"]!.AsArray().Select(key => (string)key!)], schema["items"]?["properties"] as JsonObject ?? []),
        var other => throw new SchemaException($"{path}.x-kubernetes-list-type", $"there is no list type {other}"),
    };

    private static ListMerge.Map ByKeys(IReadOnlyList<string> keys, JsonObject properties) => new(keys)
    {
        Defaults = keys.Where(key => properties[key]?["default"] is not null).ToDictionary(key => key, key => properties[key]!["default"]!),
    };

    private static SchemaNode Constrained(SchemaNode node, JsonObject schema, string path) => node with
    {
        Enum = [.. (schema["enum"] as JsonArray ?? []).Select(value => value?.DeepClone())],
        Number = new(
            Number(schema["minimum"]), Number(schema["maximum"]), Is(schema, "exclusiveMinimum"), Is(schema, "exclusiveMaximum"), Number(schema["multipleOf"])),
        Length = Size(schema, "minLength", "maxLength"),
        ItemCount = Size(schema, "minItems", "maxItems"),
        EntryCount = Size(schema, "minProperties", "maxProperties"),
        Pattern = Pattern((string?)schema["pattern"], path),
        Required = [.. (schema["required"] as JsonArray ?? []).Select(name => (string)name!)],
    };

    private static SchemaPattern? Pattern(string? pattern, string path)
    {
        try
        {
            return pattern is { Length: > 0 } ? new(pattern, Re2Pattern.Compile(pattern)) : null;
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new SchemaException($"{path}.pattern", problem.Message, problem);
        }
    }

    private static SizeBounds Size(JsonObject schema, string minimum, string maximum) => new(JsonNumber.Of(schema[minimum])?.Whole, JsonNumber.Of(schema[maximum])?.Whole);

    private static double? Number(JsonNode? value) => JsonNumber.Of(value)?.Value;

    private static bool Is(JsonObject schema, string keyword) => (bool?)schema[keyword] ?? false;
}
