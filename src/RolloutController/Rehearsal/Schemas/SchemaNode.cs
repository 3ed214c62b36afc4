using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>A value that a schema describes, with what is below it.</summary>
internal sealed record SchemaNode
{
    /// <summary>A value that nothing is said about.</summary>
    public static SchemaNode Unknown { get; } = new();

    /// <summary>The JSON type; null when any will do.</summary>
    public string? Type { get; init; }

    /// <summary>The format of a string or number; null for none.</summary>
    public string? Format { get; init; }

    /// <summary>Whether null is a value.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Whether it is a whole number or a string.</summary>
    public bool IsIntOrString { get; init; }

    /// <summary>Whether fields that are not named are kept.</summary>
    public bool PreservesUnknownFields { get; init; }

    /// <summary>What is written when it is left out; null for nothing.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>The values that it may have; empty for any.</summary>
    public IReadOnlyList<JsonNode?> Enum { get; init; } = [];

    /// <summary>The limits of a number.</summary>
    public NumberBounds Number { get; init; } = NumberBounds.None;

    /// <summary>The limits of the code points of a string.</summary>
    public SizeBounds Length { get; init; }

    /// <summary>The limits of the items of a list.</summary>
    public SizeBounds ItemCount { get; init; }

    /// <summary>The limits of the entries of an object.</summary>
    public SizeBounds EntryCount { get; init; }

    /// <summary>What a string must match; null for anything.</summary>
    public SchemaPattern? Pattern { get; init; }

    /// <summary>The fields that must be there.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The named fields.</summary>
    public IReadOnlyDictionary<string, SchemaNode> Properties { get; init; } = new Dictionary<string, SchemaNode>();

    /// <summary>The values of all other keys; null when there may be none.</summary>
    public SchemaNode? Values { get; init; }

    /// <summary>The items of a list; null for something else.</summary>
    public SchemaNode? Items { get; init; }

    /// <summary>How a list merges.</summary>
    public ListMerge List { get; init; } = new ListMerge.Atomic();

    /// <summary>Whether whoever writes the object replaces it.</summary>
    public bool IsAtomicMap { get; init; }

    /// <summary>The CEL rules about the value.</summary>
    public IReadOnlyList<ValidationRule> Rules { get; init; } = [];

    /// <summary>Whether there are rules here or below.</summary>
    public bool HasRules { get; init; }

    /// <summary>The schema of a field or entry; null when the schema does not say.</summary>
    public SchemaNode? Child(string name) => Properties.GetValueOrDefault(name) ?? Values;
}

/// <summary>The limits of a size, none where null.</summary>
internal readonly record struct SizeBounds(long? Minimum, long? Maximum);

/// <summary>The limits of a number, none where null.</summary>
internal sealed record NumberBounds(double? Minimum, double? Maximum, bool ExcludesMinimum, bool ExcludesMaximum, double? Factor)
{
    /// <summary>No limits.</summary>
    public static NumberBounds None { get; } = new(null, null, false, false, null);
}

/// <summary>A regular expression with the text that messages repeat.</summary>
internal sealed record SchemaPattern(string Text, Regex Regex);
