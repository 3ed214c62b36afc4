using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>A field selector as requests write it: <c>metadata.name=shop,status.phase!=Running</c>.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string[] Path, string Value, bool Equal)> _requirements = [];

    private FieldSelector()
    {
    }

    /// <summary>Reads a selector.</summary>
    /// <exception cref="ApiFailure">It is none, or names a field by which the kind cannot be selected.</exception>
    public static FieldSelector Parse(string? text, Resource resource)
    {
        var selector = new FieldSelector();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equal = !part.Contains("!=", StringComparison.Ordinal);
            var sides = part.Split(equal ? part.Contains("==", StringComparison.Ordinal) ? "==" : "=" : "!=", 2);
            if (sides.Length != 2)
                throw new ApiFailure(HttpStatusCode.BadRequest, "BadRequest", $"invalid selector: '{part}'; can't understand '{part}'");
            var field = sides[0].Trim();
            if (field is not ("metadata.name" or "metadata.namespace") && !resource.SelectableFields.Contains(field))
                throw Failures.BadRequest($"field label not supported: {field}");
            selector._requirements.Add((field.Split('.'), sides[1].Trim(), equal));
        }
        return selector;
    }

    /// <summary>Whether an object meets every requirement; a field that is not there is empty.</summary>
    public bool Matches(JsonObject item) => _requirements.TrueForAll(requirement =>
    {
        JsonNode? value = item;
        foreach (var name in requirement.Path)
            value = (value as JsonObject)?[name];
        return ((value as JsonValue)?.ToString() ?? "") == requirement.Value == requirement.Equal;
    });
}
