using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>
/// Reads an object as one of a kind, and writes it back as an API server does: without what the kind does not have, without nulls and
/// empty values that say nothing, and with amounts in their canonical form.
/// </summary>
internal sealed class KindReading
{
    private readonly List<string> _unknown = [];
    private readonly string _target;

    private KindReading(string target) => _target = target;

    /// <summary>Reads an object.</summary>
    /// <param name="item">The object, which is changed.</param>
    /// <param name="type">Its type.</param>
    /// <param name="kind">Its kind, for errors.</param>
    /// <param name="version">Its version, for errors.</param>
    /// <param name="old">The version before, which was read; null for a new object.</param>
    /// <returns>The paths of what the kind does not have.</returns>
    /// <exception cref="ApiFailure">It cannot be read as one (400).</exception>
    public static IReadOnlyList<string> Read(JsonObject item, KindType.Object type, string kind, string version, JsonObject? old = null)
    {
        var reading = new KindReading($"{kind} in version \"{version}\" cannot be handled as a {kind}");
        reading.Object(item, type, "", "", old);
        return reading._unknown;
    }

    private void Object(JsonObject item, KindType.Object type, string path, string names, JsonObject? old = null)
    {
        foreach (var (name, value) in item.ToList())
        {
            if (Earlier.Has(old, name, value))
                continue;
            var below = JsonPath.Child(path, name);
            if (!type.Fields.TryGetValue(name, out var field))
            {
                _unknown.Add(below);
                item.Remove(name);
            }
            else
            {
                var read = value is null ? null : Value(value, field.Type, below, JsonPath.Child(names, name), type.Name);
                Set(item, field, value, read);
            }
        }

        // What is no pointer in Go is there even when it was left out; status is the API server's own.
        foreach (var field in type.Fields.Values.Where(field => field is { Kept: not FieldPresence.Given, Name: not "status" } && !item.ContainsKey(field.Name)))
        {
            if (field.Type is KindType.Amount)
                item[field.Name] = "0";
            else if (field.Type is KindType.Object fields)
                item[field.Name] = Empty(fields, JsonPath.Child(path, field.Name), JsonPath.Child(names, field.Name));
        }
    }

    private JsonObject Empty(KindType.Object type, string path, string names)
    {
        var empty = new JsonObject();
        Object(empty, type, path, names);
        return empty;
    }

    private static void Set(JsonObject item, KindField field, JsonNode? value, JsonNode? read)
    {
        if (read is null || (field.Kept == FieldPresence.NotEmpty && IsEmpty(read)))
            item.Remove(field.Name);
        else if (!ReferenceEquals(read, value))
            item[field.Name] = read;
    }

    private static bool IsEmpty(JsonNode value) => value switch
    {
        JsonArray array => array.Count == 0,
        JsonObject => false,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => ((string)value!).Length == 0,
            JsonValueKind.False => true,
            JsonValueKind.Number => JsonNumber.Of(value) is { Value: 0 },
            _ => false,
        },
    };

    private JsonNode? Value(JsonNode value, KindType type, string path, string names, string holder)
    {
        switch (type, value)
        {
            case (KindType.Anything, _):
                return value;
            case (KindType.Object fields, JsonObject map):
                Object(map, fields, path, names);
                return value;
            case (KindType.Map map, JsonObject entries):
                foreach (var (name, entry) in entries.ToList())
                {
                    var read = entry is null ? Nothing(map.Value) : Value(entry, map.Value, JsonPath.Child(path, name), names, holder);
                    if (!ReferenceEquals(read, entry))
                        entries[name] = read;
                }

                return entries.Count == 0 ? null : value;
            case (KindType.List list, JsonArray items):
                for (var i = 0; i < items.Count; i++)
                {
                    var item = items[i];
                    var read = Value(item ?? Nothing(list.Item), list.Item, JsonPath.Index(path, i), names, holder);
                    if (!ReferenceEquals(read, item))
                        items[i] = read;
                }

                return value;
            case (KindType.Map or KindType.List or KindType.Object, _) or (_, JsonObject or JsonArray):
                throw WrongType(value, type, names, holder);
            default:
                return Scalar(value, type, names, holder);
        }
    }

    private JsonNode Scalar(JsonNode value, KindType type, string names, string holder)
    {
        var kind = value.GetValueKind();
        switch (type)
        {
            case KindType.Text when kind == JsonValueKind.String:
            case KindType.Boolean when kind is JsonValueKind.True or JsonValueKind.False:
            case KindType.Integer range when JsonNumber.Of(value) is { Whole: { } number } && number >= range.Minimum && number <= range.Maximum:
            case KindType.IntegerOrText when kind == JsonValueKind.String || JsonNumber.Of(value) is { Whole: >= int.MinValue and <= int.MaxValue }:
                return value;
            case KindType.Amount { IsRounded: var isRounded } when kind is JsonValueKind.String or JsonValueKind.Number:
                var amount = Quantity.Parse(kind == JsonValueKind.String ? (string)value! : value.ToJsonString()) ?? throw Refused(Quantity.Rule);
                return Same(value, (isRounded ? amount.RoundedUp() : amount).ToString());
            case KindType.Amount:
                throw Refused(Quantity.Rule);
            case KindType.Moment moment when kind == JsonValueKind.String:
                return CelConversions.Moment((string)value!) is not null
                    ? value
                    : throw Refused($"parsing time {GoText.Quote((string)value!)} as {GoText.Quote(moment.Layout)}: cannot parse {GoText.Quote((string)value!)} as \"2006\"");
            case KindType.Bytes when kind == JsonValueKind.String:
                return Convert.TryFromBase64String((string)value!, new byte[((string)value!).Length], out _)
                    ? value
                    : throw Refused("illegal base64 data at input byte 0");
            default:
                throw WrongType(value, type, names, holder);
        }
    }

    private static JsonNode Same(JsonNode value, string text) => value.GetValueKind() == JsonValueKind.String && (string)value! == text ? value : text;

    /// <summary>What null is in a list or map: the empty value of the type.</summary>
    private static JsonNode Nothing(KindType type) => type switch
    {
        KindType.Object or KindType.Map => new JsonObject(),
        KindType.List => new JsonArray(),
        KindType.Integer => 0,
        KindType.Boolean => false,
        KindType.Amount => "0",
        _ => "",
    };

    private ApiFailure WrongType(JsonNode value, KindType type, string names, string holder)
    {
        var actual = value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => type is KindType.Integer ? $"number {value.ToJsonString()}" : "number",
            _ => "bool",
        };
        // The value itself is never repeated: it may be a secret.
        return type is KindType.IntegerOrText
            ? Refused($"json: cannot unmarshal {actual} into Go value of type int32")
            : Refused($"json: cannot unmarshal {actual} into Go struct field {holder}.{names} of type {type.GoName}");
    }

    private ApiFailure Refused(string problem) => new(HttpStatusCode.BadRequest, "BadRequest", $"{_target}: {problem}");
}
