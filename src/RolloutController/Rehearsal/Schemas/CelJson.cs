using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>JSON as CEL sees it through a schema. Nothing below an object or list is converted before it is asked for.</summary>
internal static class CelJson
{
    private static readonly SchemaNode Text = new() { Type = "string" };

    private static readonly SchemaNode Metadata = new()
    {
        Type = "object",
        Properties = new Dictionary<string, SchemaNode> { ["name"] = Text, ["generateName"] = Text },
    };

    /// <summary>A value.</summary>
    /// <param name="node">The JSON.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="isRoot">Whether it is a whole object, which has a kind and a name though the schema may not say so.</param>
    public static CelValue Value(JsonNode? node, SchemaNode schema, bool isRoot = false) => node switch
    {
        null => CelNull.Instance,
        JsonArray array => new CelJsonList(array, schema.Items ?? SchemaNode.Unknown, schema.List),
        JsonObject map when isRoot => new CelJsonObject(map, Root(schema)),
        JsonObject map when schema.Properties.Count > 0 => new CelJsonObject(map, schema.Properties),
        JsonObject map => new CelJsonMap(map, schema.Values ?? SchemaNode.Unknown),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => String((string)node!, schema.Format),
            JsonValueKind.Number => Number(JsonNumber.Of(node)!.Value, schema),
            JsonValueKind.True => CelBool.True,
            _ => CelBool.False,
        },
    };

    private static Dictionary<string, SchemaNode> Root(SchemaNode schema) =>
        new(schema.Properties) { ["apiVersion"] = Text, ["kind"] = Text, ["metadata"] = Metadata };

    private static CelValue String(string text, string? format) => format switch
    {
        "date-time" or "date" => CelConversions.ToTimestamp([new CelString(format == "date" ? text + "T00:00:00Z" : text)]),
        "duration" => CelConversions.ToDuration([new CelString(text)]),
        _ => new CelString(text),
    };

    /// <summary>A whole number that is written with a fraction or an exponent (<c>5.0</c>) suits the schema, and no rule.</summary>
    private static CelValue Number(JsonNumber number, SchemaNode schema) => (number.Whole, schema) switch
    {
        (null, { IsIntOrString: true }) => new CelError("invalid data, expected XIntOrString value to be either a string or integer"),
        (null, { Type: "integer" }) => new CelError("invalid data, expected int, got float64"),
        ({ } whole, not { Type: "number" }) => new CelInt(whole),
        _ => new CelDouble(number.Value),
    };
}

/// <summary>A list of JSON; lists that merge as sets or maps are equal in any order.</summary>
internal sealed record CelJsonList(JsonArray Array, SchemaNode Schema, ListMerge Merge) : CelList
{
    public override int Count => Array.Count;

    public override bool IsOrdered => Merge is ListMerge.Atomic;

    public override CelValue this[int index] => CelJson.Value(Array[index], Schema);
}

/// <summary>A map of JSON.</summary>
internal sealed record CelJsonMap(JsonObject Map, SchemaNode Schema) : CelMap
{
    public override int Count => Map.Count;

    public override IEnumerable<CelValue> Keys => Map.Select(entry => new CelString(entry.Key));

    public override CelValue? Find(CelValue key) =>
        key is CelString { Value: var name } && Map.TryGetPropertyValue(name, out var value) ? CelJson.Value(value, Schema) : null;
}

/// <summary>An object of JSON with named fields: what the schema does not name is not there.</summary>
internal sealed record CelJsonObject(JsonObject Object, IReadOnlyDictionary<string, SchemaNode> Properties) : CelMap
{
    public override int Count => Object.Count(entry => Properties.ContainsKey(entry.Key));

    public override IEnumerable<CelValue> Keys => Object.Where(entry => Properties.ContainsKey(entry.Key)).Select(entry => new CelString(entry.Key));

    public override CelValue? Find(CelValue key) =>
        key is CelString { Value: var escaped } && CelNames.Unescape(escaped) is var name
        && Properties.TryGetValue(name, out var schema) && Object.TryGetPropertyValue(name, out var value)
            ? CelJson.Value(value, schema)
            : null;
}
