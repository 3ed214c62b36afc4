using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>The metadata that objects of all kinds have.</summary>
internal static class ObjectMetadata
{
    private const int AnnotationBytes = 256 * 1024;

    private static readonly HashSet<string> Fields =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    private static readonly string[] RequiredOwnerFields = ["apiVersion", "kind", "name", "uid"];

    private static readonly HashSet<string> OwnerFields = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];

    /// <summary>Removes what metadata does not have.</summary>
    /// <returns>The paths of what was removed.</returns>
    public static IEnumerable<string> Prune(JsonObject body)
    {
        var metadata = body["metadata"] as JsonObject ?? [];
        var removed = Prune(metadata, Fields, "metadata");
        if (metadata["ownerReferences"] is JsonArray owners)
            removed.AddRange(owners.SelectMany((owner, index) => owner is JsonObject map ? Prune(map, OwnerFields, JsonPath.Index("metadata.ownerReferences", index)) : []));
        return removed;
    }

    /// <summary>Judges the metadata of an object.</summary>
    /// <param name="body">The object.</param>
    /// <param name="name">What is wrong with a name of its kind.</param>
    public static IEnumerable<FieldProblem> Check(JsonObject body, Func<string, IEnumerable<string>> name)
    {
        var metadata = body["metadata"] as JsonObject ?? [];
        return [
            .. Name(Text(metadata["name"]), name),
            .. Labels(metadata["labels"] as JsonObject ?? [], "metadata.labels"),
            .. Annotations(metadata["annotations"] as JsonObject ?? [], "metadata.annotations"),
            .. (metadata["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>().SelectMany(Owner),
            .. (metadata["finalizers"] as JsonArray ?? []).SelectMany(finalizer => FieldProblems.OfText("metadata.finalizers", Text(finalizer), NameRules.QualifiedName)),
        ];
    }

    /// <summary>Judges labels.</summary>
    public static IEnumerable<FieldProblem> Labels(JsonObject labels, string path)
    {
        foreach (var (key, value) in labels)
        {
            foreach (var problem in FieldProblems.OfText(path, key, NameRules.QualifiedName))
                yield return problem;
            foreach (var problem in FieldProblems.OfText(path, Text(value), NameRules.LabelValue))
                yield return problem;
        }
    }

    /// <summary>Judges annotations: their values may be anything, as long as they fit.</summary>
    public static IEnumerable<FieldProblem> Annotations(JsonObject annotations, string path)
    {
        // The key may have upper-case letters in its prefix here.
        foreach (var (key, _) in annotations)
            foreach (var problem in FieldProblems.OfText(path, key, name => NameRules.QualifiedName(name.ToLowerInvariant())))
                yield return problem;
        if (annotations.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Key) + Encoding.UTF8.GetByteCount(Text(entry.Value))) > AnnotationBytes)
            yield return FieldProblems.TooLong(path, AnnotationBytes);
    }

    private static IEnumerable<FieldProblem> Name(string name, Func<string, IEnumerable<string>> rule) =>
        name.Length == 0 ? [FieldProblems.Required("metadata.name", "name or generateName is required")] : FieldProblems.OfText("metadata.name", name, rule);

    private static IEnumerable<FieldProblem> Owner(JsonObject owner) =>
        from field in RequiredOwnerFields
        where Text(owner[field]).Length == 0
        select FieldProblems.Invalid($"metadata.ownerReferences.{field}", "", "must not be empty");

    private static List<string> Prune(JsonObject map, HashSet<string> known, string path)
    {
        var unknown = map.Select(field => field.Key).Where(field => !known.Contains(field)).ToList();
        unknown.ForEach(field => map.Remove(field));
        return unknown.ConvertAll(field => JsonPath.Child(path, field));
    }

    private static string Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? (string)value! : "";
}
