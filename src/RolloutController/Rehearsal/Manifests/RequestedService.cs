using System.Text.Json.Nodes;
using RolloutController.Api;

namespace RolloutController.Rehearsal.Manifests;

/// <summary>The Service that the requests of a rehearsal are sent to.</summary>
/// <param name="Name">Its name; empty where there is none.</param>
/// <param name="Made">The Service, where the rehearsal has to bring one.</param>
/// <param name="Notes">What the user may want to know of it.</param>
internal sealed record RequestedService(string Name, IReadOnlyList<Manifest> Made, IReadOnlyList<string> Notes)
{
    /// <summary>
    /// The Service that the Rollout names; else the first one of its namespace that selects its pods; else one that is made, since clients
    /// come to pods somehow.
    /// </summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="spec">What it asks for.</param>
    /// <param name="objects">Everything beside it, each in its namespace.</param>
    public static RequestedService Of(Manifest rollout, RolloutSpec spec, IReadOnlyList<Manifest> objects)
    {
        if (spec.Traffic is { Service: { Length: > 0 } named })
            return new RequestedService(named, [], []);
        var here = objects.Where(item => item.Namespace == rollout.Namespace).ToList();
        var owner = spec.WorkloadRef is { } workload ? here.Find(item => item.Kind == "Deployment" && item.Name == workload.Name) : rollout;
        // A Deployment that is not there is the controller's to complain about.
        if (Fields(owner?.Json, "spec", "template", "metadata", "labels") is not { Count: > 0 } labels)
            return new RequestedService("", [], []);
        var services = here.FindAll(item => item.Kind == "Service");
        if (services.Find(service => Fields(service.Json, "spec", "selector") is { Count: > 0 } selector && selector.All(one => JsonNode.DeepEquals(one.Value, labels[one.Key]))) is { } known)
            return new RequestedService(known.Name, [], []);
        var name = services.Exists(service => service.Name == rollout.Name) ? $"{rollout.Name}-rehearsal" : rollout.Name;
        return new RequestedService(name, [Make(rollout.Namespace, name, labels)], [$"no Service selects the pods of {rollout}: the rehearsal sends requests to one of its own"]);
    }

    private static Manifest Make(string @namespace, string name, JsonObject labels) => new("the rehearsal's own Service", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["name"] = name },
        ["spec"] = new JsonObject { ["selector"] = labels.DeepClone(), ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) },
    });

    private static JsonObject? Fields(JsonObject? item, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            item = item?[name] as JsonObject;
        return item;
    }
}
