using System.Text.Json.Nodes;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Fuzzing.Specs;

/// <summary>One field of a Rollout that is written differently, or not at all.</summary>
/// <param name="Path">The field, as <see cref="SchemaField"/> names it.</param>
/// <param name="Value">What is written; null for a null.</param>
/// <param name="IsLeftOut">Whether the field is left out instead.</param>
internal sealed record SpecChange(string Path, JsonNode? Value, bool IsLeftOut = false)
{
    private const int Shown = 200;

    /// <summary>Changes a Rollout; where the field is no more, because another change took what holds it, nothing is changed.</summary>
    public void Apply(JsonNode rollout)
    {
        var (holder, name) = Path.LastIndexOf('.') is >= 0 and var dot ? (Path[..dot], Path[(dot + 1)..]) : ("", Path);
        if (name.EndsWith("[]", StringComparison.Ordinal))
            (holder, name) = (Path[..^2], "[]");
        if ((holder.Length == 0 ? rollout : FieldPath.Find(rollout, holder)) is not { } parent || !Has(parent, name))
            return;
        if (!IsLeftOut)
            FieldPath.Set(rollout, Path, Value?.DeepClone());
        else if (parent is JsonArray list)
            list.RemoveAt(0);
        else
            parent.AsObject().Remove(name == "*" ? parent.AsObject().First().Key : name);
    }

    public override string ToString()
    {
        var written = IsLeftOut ? "left out" : Value?.ToJsonString() ?? "null";
        return $"{Path}: {(written.Length > Shown ? $"{written[..Shown]}… ({written.Length} characters)" : written)}";
    }

    private static bool Has(JsonNode parent, string name) => (parent, name) switch
    {
        (JsonArray list, "[]") => list.Count > 0,
        (JsonObject map, "*") => map.Count > 0,
        (JsonObject, _) => name != "[]",
        _ => false,
    };
}
