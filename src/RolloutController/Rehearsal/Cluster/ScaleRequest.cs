using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster.Patching;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Reads and writes the scale subresource: the wanted count of an object whatever its kind.</summary>
internal sealed class ScaleRequest(EmbeddedCluster cluster, ApiRequest request, ApiTarget target, ScalePaths paths)
{
    /// <summary>Answers.</summary>
    public ApiAnswer.Whole Answer() => target.Verb switch
    {
        "get" => ApiServer.Json(200, Of(cluster.Get(target.Resource, target.Namespace, target.Name!))),
        "update" => Write(_ => request.Object()),
        "patch" => Write(scale =>
        {
            if (request.MediaType == "application/json-patch+json")
                return JsonPatch.Apply(scale, request.Json().AsArray());
            MergePatch.Apply(scale, request.Object());
            return scale;
        }),
        _ => throw Failures.NoSuchPath(),
    };

    private ApiAnswer.Whole Write(Func<JsonObject, JsonObject> edit)
    {
        var written = cluster.Update(target.Resource, target.Namespace, target.Name!, item =>
        {
            var scale = edit(Of(item));
            Set(item, paths.Spec, (long?)scale["spec"]?["replicas"] ?? 0);
            foreach (var name in (string[])["resourceVersion", "uid"])
            {
                if (scale["metadata"]?[name] is { } value)
                    item["metadata"]![name] = value.DeepClone();
            }
            return item;
        }, null, ApiServer.Options(request));
        return ApiServer.Json(200, Of(written));
    }

    private JsonObject Of(StoredObject item) => Of(item.Json);

    private JsonObject Of(JsonObject item)
    {
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
            metadata[name] = item["metadata"]![name]?.DeepClone();
        var status = new JsonObject { ["replicas"] = (long?)Find(item, paths.Status) ?? 0 };
        if (paths.Selector is not null && Selector(Find(item, paths.Selector)) is { } selector)
            status["selector"] = selector;
        var spec = new JsonObject();
        if ((long?)Find(item, paths.Spec) is { } replicas)
            spec["replicas"] = replicas;
        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    private static string? Selector(JsonNode? selector) => selector switch
    {
        JsonValue text => (string?)text,
        JsonObject labels => string.Join(',', (labels["matchLabels"] as JsonObject ?? []).Select(label => $"{label.Key}={label.Value}")),
        _ => null,
    };

    private static JsonNode? Find(JsonNode? item, string path)
    {
        foreach (var name in path.Split('.'))
            item = (item as JsonObject)?[name];
        return item;
    }

    private static void Set(JsonObject item, string path, long value)
    {
        var names = path.Split('.');
        foreach (var name in names.SkipLast(1))
            item = item[name]!.AsObject();
        item[names[^1]] = value;
    }
}
