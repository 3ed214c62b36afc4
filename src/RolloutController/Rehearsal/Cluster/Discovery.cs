using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>What the API serves, as clients ask for it before anything else.</summary>
internal sealed class Discovery(ResourceTable resources)
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Answers a request for discovery, health or version; null for any other.</summary>
    /// <exception cref="ApiFailure">The group or version is not served.</exception>
    public ApiAnswer? Answer(ApiRequest request) => (request.Method, request.Path.Trim('/').Split('/')) switch
    {
        ("GET", ["healthz" or "readyz" or "livez", ..]) => new ApiAnswer.Whole(200, "ok"u8.ToArray(), "text/plain"),
        ("GET", ["version"]) => ApiServer.Json(200, Version()),
        ("GET", ["api"]) => ApiServer.Json(200, new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") }),
        ("GET", ["api", var version]) => ApiServer.Json(200, Kinds("", version)),
        ("GET", ["apis"]) => ApiServer.Json(200, Groups()),
        ("GET", ["apis", var group]) => ApiServer.Json(200, Group(group)),
        ("GET", ["apis", var group, var version]) => ApiServer.Json(200, Kinds(group, version)),
        ("GET", ["openapi", "v3"]) => ApiServer.Json(200, OpenApi()),
        ("GET", ["openapi", "v3", .. var path]) => ApiServer.Json(200, OpenApi(string.Join('/', path))),
        _ => null,
    };

    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = "v1.34.0-rehearsal",
        ["platform"] = "embedded",
    };

    private JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. resources.All.Select(resource => resource.Group).Where(group => group.Length > 0).Distinct().Select(Group)]),
    };

    private JsonObject Group(string group)
    {
        var versions = resources.All.Where(resource => resource.Group == group).Select(resource => resource.Version).Distinct()
            .Select(version => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version }).ToList();
        if (versions.Count == 0)
            throw Failures.NoSuchPath();
        return new JsonObject
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private JsonObject Kinds(string group, string version)
    {
        var served = resources.All.Where(resource => resource.Group == group && resource.Version == version).ToList();
        if (served.Count == 0)
            throw Failures.NoSuchPath();
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = served[0].ApiVersion,
            ["resources"] = new JsonArray([.. served.SelectMany(Entries)]),
        };
    }

    private static IEnumerable<JsonObject> Entries(Resource resource)
    {
        yield return Entry(resource, resource.Plural, resource.Kind, resource.IsQuestion ? ["create"] : Verbs);
        if (resource.HasStatus)
            yield return Entry(resource, $"{resource.Plural}/status", resource.Kind, ["get", "patch", "update"]);
        if (resource is { Group: "", Plural: "pods" })
            yield return Entry(resource, "pods/log", resource.Kind, ["get"]);
        if (resource.Scale is not null)
        {
            var scale = Entry(resource, $"{resource.Plural}/scale", "Scale", ["get", "patch", "update"]);
            (scale["group"], scale["version"]) = ("autoscaling", "v1");
            yield return scale;
        }
    }

    private static JsonObject Entry(Resource resource, string name, string kind, IEnumerable<string> verbs)
    {
        var entry = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = kind,
            ["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]),
        };
        if (name == resource.Plural)
        {
            entry["shortNames"] = new JsonArray([.. resource.ShortNames.Select(text => (JsonNode)text)]);
            entry["categories"] = new JsonArray([.. resource.Categories.Select(text => (JsonNode)text)]);
        }
        return entry;
    }

    private JsonObject OpenApi() => new()
    {
        ["paths"] = new JsonObject(resources.All.Select(PathOf).Distinct().Select(path =>
            KeyValuePair.Create(path, (JsonNode?)new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}" }))),
    };

    /// <summary>
    /// No schemas, but what tells a client that the server judges fields itself, so that it does not try to: a patch that takes
    /// <c>fieldValidation</c>, for every kind.
    /// </summary>
    private JsonObject OpenApi(string path) => new()
    {
        ["openapi"] = "3.0.0",
        ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "unversioned" },
        ["paths"] = new JsonObject(resources.All.Where(resource => PathOf(resource) == path).Select(resource =>
            KeyValuePair.Create($"/{path}/namespaces/{{namespace}}/{resource.Plural}/{{name}}", (JsonNode?)Patch(resource)))),
    };

    private static JsonObject Patch(Resource resource) => new()
    {
        ["patch"] = new JsonObject
        {
            ["parameters"] = new JsonArray(new JsonObject { ["name"] = "fieldValidation", ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } }),
            ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = resource.Group, ["version"] = resource.Version, ["kind"] = resource.Kind },
        },
    };

    private static string PathOf(Resource resource) => resource.Group.Length == 0 ? $"api/{resource.Version}" : $"apis/{resource.Group}/{resource.Version}";
}
