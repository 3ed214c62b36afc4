using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster.Patching;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Answers requests as the API server of a cluster does.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="access">Who may do what; null lets everybody do everything.</param>
internal sealed class ApiServer(EmbeddedCluster cluster, IAccess? access = null)
{
    private const string MergeType = "application/merge-patch+json";
    private const string JsonType = "application/json-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    private readonly Discovery _discovery = new(cluster.Resources);

    /// <summary>Answers a request; a refusal is an answer too.</summary>
    public ApiAnswer Answer(ApiRequest request)
    {
        try
        {
            var identity = access?.Identify(request.Token);
            if (_discovery.Answer(request) is { } discovered)
                return discovered;
            var target = ApiTarget.Parse(request, cluster.Resources);
            if (identity is not null)
                Authorize(identity, request, target);
            return Answer(request, target);
        }
        catch (ApiFailure failure)
        {
            return Json((int)failure.Code, Failures.Status(failure));
        }
    }

    private void Authorize(ServiceAccount account, ApiRequest request, ApiTarget target)
    {
        AccessCheck.Of(access!, account, target);
        if (target.Verb is "create" or "update" or "patch" && request.Body.Span.IndexOf("blockOwnerDeletion"u8) >= 0)
            AccessCheck.OfOwners(access!, account, target, request.Json(), cluster);
    }

    private ApiAnswer Answer(ApiRequest request, ApiTarget target) => (target.Verb, target.Subresource) switch
    {
        ("create", null) when target.Resource.IsQuestion => Json(201, Review(request, target.Resource)),
        _ when target.Resource.IsQuestion => throw Failures.NotAllowed(),
        ("list", null) => List(request, target),
        ("watch", null) => new WatchRequest(cluster, request, target).Open(),
        ("get", null or "status") => Read(request, target),
        ("create", null) => Create(request, target),
        ("update", null or "status") => Update(request, target),
        ("patch", null or "status") => Patch(request, target),
        ("delete", null) => Delete(request, target),
        ("deletecollection", null) => DeleteAll(request, target),
        (_, "scale") when target.Resource.Scale is { } paths => new ScaleRequest(cluster, request, target, paths).Answer(),
        ("get", "log") when target.Resource.Plural == "pods" => new LogRequest(cluster, request, target).Answer(),
        ("create", "binding") when target.Resource.Plural == "pods" => Bind(request, target),
        ("create", "token") when target.Resource.Plural == "serviceaccounts" && access is Access accounts => Json(201, accounts.IssueToken(target.Namespace, target.Name!)),
        _ => throw Failures.NoSuchPath(),
    };

    private JsonObject Review(ApiRequest request, Resource resource)
    {
        var question = Sent(request);
        CheckKind(question, resource);
        var reviews = new Reviews(access ?? throw Failures.NoSuchPath(), cluster.Resources);
        return resource.Plural == "tokenreviews" ? reviews.OfToken(question) : reviews.OfAccess(question);
    }

    private ApiAnswer.Whole List(ApiRequest request, ApiTarget target)
    {
        var (items, version) = cluster.List(target.Resource, target.NamespaceOrAll, ListPage.VersionOf(request));
        var page = ListPage.Cut([.. items.Where(Selected(request, target.Resource))], version, request);
        if (Tables.AreAsked(request))
            return Json(200, Tables.Of(target.Resource, page, cluster.Clock.GetUtcNow()));
        return new ApiAnswer.Whole(200, page.Write(target.Resource));
    }

    private ApiAnswer.Whole Read(ApiRequest request, ApiTarget target)
    {
        var found = cluster.Get(target.Resource, target.Namespace, target.Name!);
        return Tables.AreAsked(request) ? Json(200, Tables.Of(target.Resource, new ListPage([found], found.Version, "", 0), cluster.Clock.GetUtcNow())) : Whole(200, target, found);
    }

    private ApiAnswer.Whole Create(ApiRequest request, ApiTarget target)
    {
        var item = Sent(request);
        CheckKind(item, target.Resource);
        if (item["metadata"] is not JsonObject metadata)
            item["metadata"] = metadata = [];
        if (target.Resource.Namespaced)
        {
            if ((string?)metadata["namespace"] is { Length: > 0 } named && named != target.Namespace)
                throw Failures.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
            metadata["namespace"] = target.Namespace;
        }
        return Whole(201, target, cluster.Create(target.Resource, item, Options(request)));
    }

    private ApiAnswer.Whole Update(ApiRequest request, ApiTarget target)
    {
        var item = Sent(request);
        CheckKind(item, target.Resource);
        return Whole(200, target, cluster.Update(target.Resource, target.Namespace, target.Name!, _ => item, target.Subresource, Options(request)));
    }

    private ApiAnswer.Whole Patch(ApiRequest request, ApiTarget target)
    {
        CheckPatchType(request.MediaType, target.Resource);
        var patch = request.Json();
        if (request.MediaType == ApplyType)
            return Apply(request, target, patch as JsonObject ?? throw Failures.BadRequest("the body is not an object"));
        return Whole(200, target, cluster.Update(
            target.Resource, target.Namespace, target.Name!, item => Patched(request.MediaType, item, patch, target.Resource), target.Subresource, Options(request)));
    }

    private ApiAnswer.Whole Apply(ApiRequest request, ApiTarget target, JsonObject applied)
    {
        CheckKind(applied, target.Resource);
        if (request.Parameter("fieldManager").Length == 0)
            throw Failures.Unmanaged();
        if (applied["metadata"] is not JsonObject metadata)
            applied["metadata"] = metadata = [];
        metadata["name"] ??= target.Name;
        if (target.Resource.Namespaced)
            metadata["namespace"] ??= target.Namespace;
        if ((string?)metadata["name"] != target.Name)
            throw Failures.BadRequest($"the name of the object ({metadata["name"]}) does not match the name on the URL ({target.Name})");
        if (target.Resource.Rules.Prune(applied.DeepClone().AsObject()) is [var unknown, ..])
            throw Failures.Internal($"failed to create typed patch object ({target.Namespace}/{target.Name}; {target.Resource.ApiVersion}, Kind={target.Resource.Kind}): .{unknown}: field not declared in schema");
        var (item, created) = cluster.Apply(target.Resource, target.Namespace, target.Name!, applied, target.Subresource, Options(request) with { Applies = true });
        return Whole(created ? 201 : 200, target, item);
    }

    private static JsonObject Patched(string mediaType, JsonObject item, JsonNode patch, Resource resource)
    {
        switch (mediaType)
        {
            case MergeType when patch is JsonObject members:
                MergePatch.Apply(item, members);
                return item;
            case StrategicType when patch is JsonObject members:
                StrategicMergePatch.Apply(item, members, resource.Rules.Merge);
                return item;
            case JsonType when patch is JsonArray operations:
                return JsonPatch.Apply(item, operations);
            default:
                throw Failures.BadRequest($"error decoding patch: a {mediaType} is {(mediaType == JsonType ? "a list of operations" : "an object")}");
        }
    }

    private static void CheckPatchType(string mediaType, Resource resource)
    {
        string[] accepted = resource.IsCustom ? [JsonType, MergeType, ApplyType] : [JsonType, MergeType, StrategicType, ApplyType];
        if (!accepted.Contains(mediaType))
            throw Failures.Unsupported(accepted);
    }

    private static JsonObject Sent(ApiRequest request) => request.MediaType is "" or "application/json" or "application/yaml"
        ? request.Object()
        : throw Failures.Unsupported("application/json", "application/yaml");

    private ApiAnswer.Whole Delete(ApiRequest request, ApiTarget target)
    {
        var (old, left) = cluster.Delete(target.Resource, target.Namespace, target.Name!, DeletionOf(request, target.Resource));
        return left is null ? Json(200, Deleted(target.Resource, old)) : Whole(200, target, left);
    }

    private ApiAnswer.Whole DeleteAll(ApiRequest request, ApiTarget target)
    {
        var options = DeletionOf(request, target.Resource);
        var (items, version) = cluster.List(target.Resource, target.NamespaceOrAll);
        var selected = items.Where(Selected(request, target.Resource)).ToList();
        foreach (var item in selected)
        {
            try
            {
                cluster.Delete(target.Resource, item.Namespace, item.Name, options);
            }
            catch (ApiFailure failure) when (failure.Reason == "NotFound")
            {
                // Somebody else was faster.
            }
        }
        return new ApiAnswer.Whole(200, new ListPage(selected, version, "", 0).Write(target.Resource));
    }

    private ApiAnswer.Whole Bind(ApiRequest request, ApiTarget target)
    {
        var binding = request.Object();
        cluster.Update(target.Resource, target.Namespace, target.Name!, pod =>
        {
            if ((string?)pod["spec"]!["nodeName"] is { Length: > 0 } node)
                throw Failures.Conflict(target.Resource, target.Name!, $"pod {target.Name} is already assigned to node \"{node}\"");
            if (binding["metadata"]?["uid"] is { } uid)
                pod["metadata"]!["uid"] = uid.DeepClone();
            pod["spec"]!["nodeName"] = (string?)binding["target"]?["name"];
            return pod;
        }, null, Options(request));
        cluster.Update(target.Resource, target.Namespace, target.Name!, pod =>
        {
            pod["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = (string)pod["metadata"]!["creationTimestamp"]! });
            return pod;
        }, "status", Options(request));
        return Json(201, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 });
    }

    internal static ApiAnswer.Whole Json(int code, JsonNode body) => new(code, StoredObject.Write(body));

    internal static WriteOptions Options(ApiRequest request) => new()
    {
        DryRun = request.Parameter("dryRun") == "All",
        FieldValidation = request.Parameter("fieldValidation"),
        FieldManager = request.Parameter("fieldManager") is { Length: > 0 } manager ? manager : "unknown",
        Replaces = request.Method is "PUT" or "POST",
        Force = request.Asks("force"),
    };

    private static ApiAnswer.Whole Whole(int code, ApiTarget target, StoredObject item) => new(code, target.Resource.Send(item));

    private static Func<StoredObject, bool> Selected(ApiRequest request, Resource resource)
    {
        var labels = LabelSelector.Parse(request.Parameter("labelSelector"));
        var fields = FieldSelector.Parse(request.Parameter("fieldSelector"), resource);
        return item => labels.Matches(item.Json) && fields.Matches(item.Json);
    }

    private static void CheckKind(JsonObject item, Resource resource)
    {
        item["apiVersion"] ??= resource.ApiVersion;
        item["kind"] ??= resource.Kind;
        if ((string?)item["kind"] != resource.Kind || (string?)item["apiVersion"] != resource.ApiVersion)
            throw Failures.BadRequest($"the API version in the data ({item["apiVersion"]}, Kind={item["kind"]}) does not match the expected API version ({resource.ApiVersion}, Kind={resource.Kind})");
    }

    private static DeleteOptions DeletionOf(ApiRequest request, Resource resource)
    {
        var body = request.Body.Length == 0 ? [] : request.Object();
        var grace = (int?)body["gracePeriodSeconds"]
            ?? (int.TryParse(request.Parameter("gracePeriodSeconds"), CultureInfo.InvariantCulture, out var seconds) ? seconds : null);
        var unsaid = (bool?)body["orphanDependents"] ?? resource.OrphansByDefault ? "Orphan" : null;
        return new DeleteOptions
        {
            Uid = (string?)body["preconditions"]?["uid"],
            ResourceVersion = (string?)body["preconditions"]?["resourceVersion"],
            Propagation = (string?)body["propagationPolicy"] ?? (request.Parameter("propagationPolicy") is { Length: > 0 } asked ? asked : unsaid),
            GracePeriodSeconds = grace,
            DryRun = request.Parameter("dryRun") == "All" || body["dryRun"] is JsonArray { Count: > 0 },
        };
    }

    private static JsonObject Deleted(Resource resource, StoredObject item) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = new JsonObject { ["name"] = item.Name, ["group"] = resource.Group, ["kind"] = resource.Plural, ["uid"] = item.Uid },
    };
}
