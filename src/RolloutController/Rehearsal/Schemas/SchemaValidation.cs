using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>
/// Judges an object by everything in its schema but the CEL rules. What is as it was stored is not judged again, so that a schema that
/// became stricter does not keep old objects from being changed.
/// </summary>
internal sealed class SchemaValidation
{
    private readonly List<FieldProblem> _problems = [];

    /// <summary>Judges an object.</summary>
    /// <param name="value">The object, or a part of it.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="earlier">What was stored.</param>
    public static IReadOnlyList<FieldProblem> Check(JsonNode? value, SchemaNode schema, string path, Earlier earlier)
    {
        var validation = new SchemaValidation();
        validation.Value(value, schema, path, earlier);
        return validation._problems;
    }

    private void Value(JsonNode? value, SchemaNode schema, string path, Earlier earlier)
    {
        if (earlier.Is(value))
            return;
        Type(value, schema, path);
        switch (value)
        {
            case JsonObject map:
                Enum(value, schema, path);
                Object(map, schema, path, earlier);
                return;
            case JsonArray array:
                Array(array, schema, path, earlier);
                break;
            case not null when value.GetValueKind() == JsonValueKind.String:
                Text((string)value!, schema, path);
                break;
            case not null when JsonNumber.Of(value) is { } number:
                Number(number, value, schema, path);
                break;
        }

        Enum(value, schema, path);
    }

    private void Type(JsonNode? value, SchemaNode schema, string path)
    {
        var expected = schema.IsIntOrString ? "integer,string" : schema.Type;
        if (expected is null || (value is null && schema.IsNullable))
            return;
        var actual = TypeOf(value);
        var isMatch = expected.Split(',').Contains(actual)
            || (actual == "integer" && expected == "number")
            || (actual == "number" && !expected.StartsWith("number", StringComparison.Ordinal) && expected.StartsWith("integer", StringComparison.Ordinal) && JsonNumber.Of(value)!.Value.IsIntegral);
        if (isMatch)
            return;
        if (schema.Format is { } format && value is not (null or JsonArray) && actual != "string")
            (expected, actual) = (format, actual switch { "integer" => "int64", "number" => "float64", _ => "" });
        _problems.Add(FieldProblems.Type(path, actual, $"{path} in body must be of type {expected}: {GoText.Quote(actual)}"));
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => JsonNumber.Of(value)!.Value.Whole is null ? "number" : "integer",
        _ => "boolean",
    };

    /// <summary>Of the limits of a text, the first that is broken is told.</summary>
    private void Text(string text, SchemaNode schema, string path)
    {
        var length = CelStrings.Length(text);
        if (length > schema.Length.Maximum)
            _problems.Add(FieldProblems.TooLong(path, schema.Length.Maximum.Value));
        else if (length < schema.Length.Minimum)
            Invalid(path, text, $"should be at least {schema.Length.Minimum} chars long");
        else if (schema.Pattern is { } pattern && !pattern.Regex.IsMatch(text))
            Invalid(path, text, $"should match '{pattern.Text}'");

        if (schema is { Type: "string", Format: { } format } && !Formats.Matches(format, text))
            _problems.Add(FieldProblems.Type(path, text, $"{path} in body must be of type {format}: {GoText.Quote(text)}"));
    }

    private void Number(JsonNumber number, JsonNode value, SchemaNode schema, string path)
    {
        var isInRange = schema switch
        {
            { Type: "integer", Format: "int32" } => number is { IsIntegral: true, Value: >= int.MinValue and <= int.MaxValue },
            { Type: "integer" } => number.IsIntegral,
            _ => true,
        };
        if (!isInRange)
        {
            var format = schema.Format is "int32" or "int64" ? $"with format {schema.Format}" : "(default format)";
            _problems.Add(FieldProblems.Invalid(FieldProblems.NoField, "", $"Checked value must be of type integer {format} in {path}"));
        }

        var bounds = schema.Number;
        if (bounds.Factor is { } factor && Math.Abs(Math.IEEERemainder(number.Value, factor)) > 1e-9)
            Invalid(path, value, $"should be a multiple of {Limit(factor)}");
        if (bounds.Minimum is { } minimum && (number.Value < minimum || (bounds.ExcludesMinimum && number.Value <= minimum)))
            Invalid(path, value, $"should be greater than {(bounds.ExcludesMinimum ? "" : "or equal to ")}{Limit(minimum)}");
        if (bounds.Maximum is { } maximum && (number.Value > maximum || (bounds.ExcludesMaximum && number.Value >= maximum)))
            Invalid(path, value, $"should be less than {(bounds.ExcludesMaximum ? "" : "or equal to ")}{Limit(maximum)}");

        // The limit of a whole number is compared, and written, as one.
        string Limit(double limit) => number.Whole is null ? GoText.Number(limit) : ((long)limit).ToString(CultureInfo.InvariantCulture);
    }

    private void Array(JsonArray array, SchemaNode schema, string path, Earlier earlier)
    {
        if (array.Count > schema.ItemCount.Maximum)
            _problems.Add(FieldProblems.TooMany(path, array.Count, schema.ItemCount.Maximum.Value));
        if (array.Count < schema.ItemCount.Minimum)
            Invalid(path, array.Count, $"should have at least {schema.ItemCount.Minimum} items");
        if (schema.Items is not { } items)
            return;
        for (var i = 0; i < array.Count; i++)
            Value(array[i], items, JsonPath.Index(path, i), earlier.Item(array[i], schema.List));
    }

    private void Object(JsonObject map, SchemaNode schema, string path, Earlier earlier)
    {
        if (map.Count > schema.EntryCount.Maximum)
            _problems.Add(FieldProblems.TooMany(path, map.Count, schema.EntryCount.Maximum.Value));
        if (map.Count < schema.EntryCount.Minimum)
            Invalid(path, map.Count, $"should have at least {schema.EntryCount.Minimum} properties");
        foreach (var (name, value) in map)
        {
            if (schema.Child(name) is { } child)
                Value(value, child, JsonPath.Child(path, name), earlier.Field(name));
        }

        foreach (var name in schema.Required)
        {
            if (!map.ContainsKey(name))
                _problems.Add(FieldProblems.Required(JsonPath.Child(path, name)));
        }
    }

    private void Enum(JsonNode? value, SchemaNode schema, string path)
    {
        if (schema.Enum.Count > 0 && !schema.Enum.Any(allowed => JsonNode.DeepEquals(allowed, value)))
            _problems.Add(FieldProblems.NotSupported(path, value, schema.Enum.Select(AsText)));
    }

    private static string AsText(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? (string)value! : GoText.Value(value);

    private void Invalid(string path, JsonNode value, string problem) =>
        _problems.Add(FieldProblems.Invalid(path, value, string.Create(CultureInfo.InvariantCulture, $"{path} in body {problem}")));
}
