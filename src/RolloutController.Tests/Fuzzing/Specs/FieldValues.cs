using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Fuzzing.Specs;

/// <summary>
/// What may be written into a field: what the examples of the schema's rules write there, its bounds and the values beside them, other
/// types, other ways to write the same, and texts that break what takes them for harmless.
/// </summary>
internal static partial class FieldValues
{
    /// <summary>What a name, a message, a log line or a query must bear, where it gets this far.</summary>
    public static readonly string[] HostileTexts =
    [
        "", " ", "a b", "ÄÖ漢字🚀", "a\u0000b", "line\nline", "\u001b[31mred\u001b[0m", "\u202egnp.exe", "{0} {Rollout} %s ${x}", "'; DROP TABLE rollouts; --",
        "\"}[5m]) or vector(1) #", "<script>alert(1)</script>", "../../etc/passwd", "null", "a\ufffdb", new string('a', 300), new string('漢', 100_000),
    ];

    private static readonly string[] Durations =
    [
        "0s", "1ms", "999ms", "1s", "59s", "1h1h1h1h", "99999h99999h99999h99999h", "99999ms", "100000s", "1s1s1s1s1s", "1.5s", "-1s", "+1s", "1d", "1 s", " 1s", "1s\n", "1S", "１s", "s", "5",
    ];

    private static readonly string[] Percentages =
    [
        "0%", "0.0001%", "0.01%", "0.00001%", "5%", "20%", "99.9999%", "100%", "100.0%", "101%", "1000%", "1000.0001%", "9999%", "05%", "-1%", "+1%", "1e1%", "NaN%", "5", "5 %", "%", ".5%", "5.%", "5%\n", "٥%",
    ];

    private static readonly string[] Numbers = ["0", "-0", "1", "-1", "0.000001", "0.0000001", "999999999999.999999", "-999999999999.999999", "1000000000000", "1e3", "NaN", "Infinity", "0x10", "1,5", "1\n", "٣"];

    private static readonly Lazy<ILookup<string, JsonNode>> Written = new(() =>
        Documents().SelectMany(document => Walk("", document.Root, document.Schema)).Where(one => one.Value is not null)
            .DistinctBy(one => (one.Path, one.Value!.ToJsonString())).ToLookup(one => one.Path, one => one.Value!));

    /// <summary>The changes that can be made to a field of a sample.</summary>
    /// <param name="field">The field.</param>
    /// <param name="written">What the sample writes there.</param>
    public static IEnumerable<SpecChange> Changes(SchemaField field, JsonNode written) =>
    [
        new(field.Path, null, IsLeftOut: true),
        .. Values(field, written).DistinctBy(value => value?.ToJsonString()).Select(value => new SpecChange(field.Path, value)),
    ];

    private static IEnumerable<JsonNode?> Values(SchemaField field, JsonNode written) =>
    [
        null,
        .. Written.Value[field.Path],
        .. Bound.Of(field, written).SelectMany(bound => (JsonNode?[])[bound.Kept, bound.Broken]),
        .. field.Type switch
        {
            "integer" => Integers(),
            "boolean" => [true, false],
            "array" => [new JsonArray(), new JsonArray(null, null), new JsonArray([.. Enumerable.Repeat(written is JsonArray { Count: > 0 } list ? list[0] : "a", 50).Select(item => item?.DeepClone())])],
            "object" => [new JsonObject(), new JsonObject { ["unknown"] = "field" }, new JsonObject([.. HostileTexts.Where(text => text.Length < 1000).Select(text => KeyValuePair.Create(text, (JsonNode?)text))])],
            "string" => Texts(written),
            _ => [.. Integers(), .. Texts(written), "0", "100%", "25%"],
        },
        // Of another type.
        1, 1.5, "1", true, new JsonArray(1), new JsonObject { ["a"] = 1 },
    ];

    private static IEnumerable<JsonNode?> Integers() =>
        [0, 1, -1, int.MaxValue, int.MinValue, int.MaxValue + 1L, long.MaxValue, JsonNode.Parse("9223372036854775808"), JsonNode.Parse("5.0"), JsonNode.Parse("1e2"), 0.5];

    private static IEnumerable<JsonNode?> Texts(JsonNode written) =>
    [
        .. HostileTexts,
        .. (written.GetValueKind() is System.Text.Json.JsonValueKind.String ? written.GetValue<string>() : "") switch
        {
            var text when Duration().IsMatch(text) => Durations,
            var text when Percentage().IsMatch(text) => Percentages,
            var text when Number().IsMatch(text) => Numbers,
            _ => Array.Empty<string>(),
        },
    ];

    private static IEnumerable<(JsonNode Root, JsonObject Schema)> Documents()
    {
        var schema = CrdSchema.Version["schema"]!["openAPIV3Schema"]!.AsObject();
        foreach (var name in Samples.Names)
            yield return (Samples.Named(name), schema);
        foreach (var example in YamlFile.Documents($"{Samples.Folder}/rules.yaml").Single().AsArray())
        {
            yield return (example!["accept"]!, schema);
            yield return (example["refuse"]!, schema);
        }
    }

    private static IEnumerable<(string Path, JsonNode? Value)> Walk(string path, JsonNode? value, JsonObject schema)
    {
        yield return (path, value);
        var children = value switch
        {
            JsonArray list when schema["items"] is JsonObject items => list.Select(item => ($"{path}[]", item, items)),
            JsonObject map when schema["properties"] is JsonObject properties =>
                map.Where(member => properties.ContainsKey(member.Key)).Select(member => ($"{path}.{member.Key}".TrimStart('.'), member.Value, properties[member.Key]!.AsObject())),
            JsonObject map when schema["additionalProperties"] is JsonObject values => map.Select(member => ($"{path}.*", member.Value, values)),
            _ => [],
        };
        foreach (var (childPath, child, childSchema) in children)
            foreach (var one in Walk(childPath, child, childSchema))
                yield return one;
    }

    [GeneratedRegex("^([0-9]+(h|m|s|ms))+$")]
    private static partial Regex Duration();

    [GeneratedRegex("^[0-9.]+%$")]
    private static partial Regex Percentage();

    [GeneratedRegex("^-?[0-9.]+$")]
    private static partial Regex Number();
}
