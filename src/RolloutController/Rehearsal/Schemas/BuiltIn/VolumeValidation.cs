using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges the volumes of a pod; of the rarer kinds only that there is one kind each.</summary>
internal static class VolumeValidation
{
    /// <summary>What each kind needs, in the order in which an API server looks at them.</summary>
    private static readonly (string Kind, string? Field)[] Kinds =
    [
        ("emptyDir", null), ("hostPath", "path"), ("secret", "secretName"), ("persistentVolumeClaim", "claimName"), ("configMap", "name"),
    ];

    /// <summary>Judges them.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject spec, string path)
    {
        var volumes = spec.Objects("volumes").Select((volume, index) => (Item: volume, Path: JsonPath.Index(path, index))).ToList();
        return
        [
            .. volumes.SelectMany(volume => Volume(volume.Item, volume.Path)),
            .. Checks.Unique(volumes.Select(volume => (volume.Item.Text("name"), $"{volume.Path}.name"))),
        ];
    }

    private static IEnumerable<FieldProblem> Volume(JsonObject volume, string path)
    {
        foreach (var problem in Checks.Required(volume, "name", path, NameRules.Label))
            yield return problem;
        var kinds = Kinds.Select(kind => kind.Kind).Where(volume.ContainsKey)
            .Concat(volume.Select(field => field.Key).Where(kind => kind != "name" && !Kinds.Any(known => known.Kind == kind))).ToList();
        if (kinds.Count == 0)
            yield return FieldProblems.Required(path, "must specify a volume type");
        foreach (var kind in kinds.Skip(1))
            yield return FieldProblems.Forbidden($"{path}.{kind}", "may not specify more than 1 volume type");
        foreach (var problem in kinds.Take(1).SelectMany(kind => Source(kind, volume.Object(kind) ?? [], $"{path}.{kind}")))
            yield return problem;
    }

    private static IEnumerable<FieldProblem> Source(string kind, JsonObject source, string path)
    {
        if (Array.Find(Kinds, known => known.Kind == kind).Field is { } field)
        {
            foreach (var problem in Checks.Required(source, field, path))
                yield return problem;
        }

        if (source.Number("defaultMode") is < 0 or > 511)
            yield return FieldProblems.Invalid($"{path}.defaultMode", source["defaultMode"], "must be a number between 0 and 0777 (octal), both inclusive");
        if (kind is not ("secret" or "configMap"))
            yield break;
        foreach (var problem in source.Objects("items").SelectMany((item, index) => Item(item, JsonPath.Index($"{path}.items", index))))
            yield return problem;
    }

    private static IEnumerable<FieldProblem> Item(JsonObject item, string path) =>
    [
        .. Checks.Required(item, "key", path),
        .. Checks.Required(item, "path", path),
        .. Checks.LocalPath(item.Text("path") ?? "", $"{path}.path"),
    ];
}
