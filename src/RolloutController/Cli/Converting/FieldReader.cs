using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>Reads the fields of an object one by one, and knows which nobody asked for: nothing is lost without a word.</summary>
/// <param name="where">Where the object is written, for messages.</param>
/// <param name="path">The path of the object, such as <c>spec</c>.</param>
/// <param name="json">The object.</param>
internal sealed class FieldReader(string where, string path, JsonObject json)
{
    private readonly HashSet<string> _read = [];
    private readonly List<FieldReader> _inner = [];

    /// <summary>The path of the object.</summary>
    public string Path { get; } = path;

    /// <summary>The fields that nobody asked for, with their paths; those of inner objects, too.</summary>
    public IEnumerable<string> Rest => json.Where(member => member.Value is not null && !_read.Contains(member.Key)).Select(member => PathOf(member.Key)).Concat(_inner.SelectMany(inner => inner.Rest));

    /// <summary>A field as it is, copied; null where it is absent.</summary>
    public JsonNode? Node(string name)
    {
        _read.Add(name);
        return json[name]?.DeepClone();
    }

    /// <summary>A text; null where it is absent.</summary>
    /// <exception cref="ManifestException">It is something else.</exception>
    public string? Text(string name) => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Wrong(name, "text"),
    };

    /// <summary>A number; null where it is absent.</summary>
    /// <exception cref="ManifestException">It is something else.</exception>
    public double? Number(string name) => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => value.GetValue<double>(),
        _ => throw Wrong(name, "number"),
    };

    /// <summary>A switch; null where it is absent.</summary>
    public bool? Flag(string name) => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Wrong(name, "switch of true and false"),
    };

    /// <summary>An object, whose fields are read in turn; null where it is absent.</summary>
    public FieldReader? Object(string name) => Node(name) switch
    {
        null => null,
        JsonObject value => Inner(PathOf(name), value),
        _ => throw Wrong(name, "object"),
    };

    /// <summary>The objects of a list, whose fields are read in turn; none where it is absent.</summary>
    public IReadOnlyList<FieldReader> Objects(string name) => Node(name) switch
    {
        null => [],
        JsonArray items => [.. items.Select((item, index) => item is JsonObject value ? Inner($"{PathOf(name)}[{index}]", value) : throw Wrong($"{name}[{index}]", "object"))],
        _ => throw Wrong(name, "list"),
    };

    /// <summary>The path of a field.</summary>
    public string PathOf(string name) => $"{Path}.{name}";

    /// <summary>Says that a field is not what it should be.</summary>
    public ManifestException Wrong(string name, string what) => new(where, PathOf(name), $"is no {what}");

    private FieldReader Inner(string place, JsonObject value)
    {
        var inner = new FieldReader(where, place, value);
        _inner.Add(inner);
        return inner;
    }
}
