using System.Text.Json.Nodes;

namespace RolloutController.Tests.Crd;

/// <summary>One bound of one field: the last value that keeps it and the first one that does not.</summary>
/// <param name="Path">The field that an error names, as in <see cref="SchemaField"/>.</param>
/// <param name="Target">The field that takes the values.</param>
/// <param name="Kept">A value at the bound.</param>
/// <param name="Broken">A value beyond it.</param>
/// <param name="Message">What the API server says about a value beyond it, in part.</param>
internal sealed record Bound(string Path, string Target, JsonNode Kept, JsonNode Broken, string Message)
{
    /// <summary>The bounds of a field; what a valid value looks like is taken from a sample.</summary>
    public static IEnumerable<Bound> Of(SchemaField field, JsonNode sample) =>
        field.Schema.SelectMany(keyword => keyword.Key switch
        {
            "required" => keyword.Value!.AsArray().Select(name => Required(field, sample.AsObject(), (string)name!)),
            "x-kubernetes-list-map-keys" => [Unique(field, sample[0]!)],
            _ => Values(keyword.Key, keyword.Value!, sample) is var (kept, broken, message)
                ? [new Bound(field.Path, field.Path, kept, broken, message)]
                : Enumerable.Empty<Bound>(),
        });

    private static (JsonNode Kept, JsonNode Broken, string Message)? Values(
        string keyword, JsonNode limit, JsonNode sample) =>
        keyword switch
        {
            "minimum" => ((long)limit, (long)limit - 1, "should be greater than or equal to"),
            "maximum" => ((long)limit, (long)limit + 1, "should be less than or equal to"),
            "minLength" => (Text(limit), Text(limit, -1), "should be at least"),
            "maxLength" => (Text(limit), Text(limit, 1), "Too long"),
            "minItems" => (Items(sample, limit), Items(sample, limit, -1), "should have at least"),
            "maxItems" => (Items(sample, limit), Items(sample, limit, 1), "Too many"),
            "maxProperties" => (Entries(limit), Entries(limit, 1), "Too many"),
            "enum" => (sample.DeepClone(), "Other", "Unsupported value"),
            "pattern" => (sample.DeepClone(), "not a name", "should match"),
            "format" when (string?)limit == "date-time" => (sample.DeepClone(), "yesterday", "must be of type date-time"),
            _ => null,
        };

    private static Bound Required(SchemaField field, JsonObject sample, string name)
    {
        var broken = sample.DeepClone().AsObject();
        broken.Remove(name);
        return new($"{field.Path}.{name}", field.Path, sample.DeepClone(), broken, "Required value");
    }

    private static Bound Unique(SchemaField field, JsonNode item) =>
        new(field.Path, field.Path,
            new JsonArray(item.DeepClone()), new JsonArray(item.DeepClone(), item.DeepClone()), "Duplicate value");

    private static int Size(JsonNode limit) => (int)(long)limit;

    private static JsonNode Text(JsonNode length, int more = 0) => new string('a', Size(length) + more);

    private static JsonArray Items(JsonNode sample, JsonNode count, int more = 0) =>
        [.. Enumerable.Repeat(sample[0]!, Size(count) + more).Select(item => item.DeepClone())];

    private static JsonObject Entries(JsonNode count, int more = 0) =>
        new(Enumerable.Range(0, Size(count) + more).Select(i => KeyValuePair.Create($"key-{i}", (JsonNode?)"value")));
}
