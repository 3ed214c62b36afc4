using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Which objects a workload controls: those that it owns and its selector matches. It adopts what matches and nobody controls, and releases
/// what matches no longer. The rules: <c>k8s.io/kubernetes/pkg/controller/controller_ref_manager.go</c>.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="owner">The workload.</param>
/// <param name="kind">Its kind.</param>
internal sealed class Adoption(EmbeddedCluster cluster, StoredObject owner, string kind)
{
    /// <summary>The objects of a kind that the workload controls now.</summary>
    public IReadOnlyList<StoredObject> Claim(string plural, WorkloadSelector selector, Func<StoredObject, bool>? counts = null) =>
    [
        .. selector.Of(cluster, plural, owner.Namespace)
            .Union(cluster.Owned(plural, owner.Namespace, owner.Uid))
            .OrderBy(item => item.Name, StringComparer.Ordinal)
            .Where(item => counts is null || counts(item))
            .Select(item => Claim(item, selector))
            .OfType<StoredObject>(),
    ];

    /// <summary>The reference to the workload, as it stands on what it controls.</summary>
    public JsonObject Reference() => new()
    {
        ["apiVersion"] = owner.Json.Text("apiVersion"),
        ["kind"] = kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>A new pod of the workload's template, which the workload controls.</summary>
    public JsonObject NewPod()
    {
        var template = owner.Json.At("spec", "template");
        var metadata = new JsonObject { ["generateName"] = $"{owner.Name}-", ["namespace"] = owner.Namespace };
        foreach (var field in new[] { "labels", "annotations", "finalizers" })
        {
            if (template.At("metadata", field) is { } value)
                metadata[field] = value.DeepClone();
        }

        metadata["ownerReferences"] = new JsonArray(Reference());
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = template.At("spec")?.DeepClone() ?? new JsonObject(),
        };
    }

    /// <summary>The key of the workload of a kind that controls an object; of the whole namespace where nobody controls it.</summary>
    public static IEnumerable<ObjectKey> Concerned(ObjectChange change, string kind) =>
        new[] { change.Old, change.New }.OfType<StoredObject>().SelectMany(item => Concerned(item, kind)).Distinct();

    private static IEnumerable<ObjectKey> Concerned(StoredObject item, string kind) => item.Controller() switch
    {
        null => [new ObjectKey(item.Namespace, "")],
        var controller when controller.Text("kind") == kind => [new ObjectKey(item.Namespace, controller.Text("name") ?? "")],
        _ => [],
    };

    private StoredObject? Claim(StoredObject item, WorkloadSelector selector)
    {
        var matches = selector.Matches(item.Labels());
        if (item.Controller() is { } controller)
        {
            if (controller.Text("uid") != owner.Uid)
                return null;
            if (!matches && !owner.IsDeleting())
                Edit(item, Release);
            return matches ? item : null;
        }

        return matches && !owner.IsDeleting() && !item.IsDeleting() ? Edit(item, Adopt) : null;
    }

    /// <summary>Changes the owners; null where the object went, or went to somebody else, meanwhile.</summary>
    private StoredObject? Edit(StoredObject item, Action<JsonObject> edit)
    {
        var changed = cluster.Change(item.Plural, item.Namespace, item.Name, json =>
        {
            if (json.Text("metadata", "uid") == item.Uid)
                edit(json);
        });
        return changed?.Uid == item.Uid && changed.Controller().Text("uid") == owner.Uid ? changed : null;
    }

    private void Adopt(JsonObject json)
    {
        if (json.Items("metadata", "ownerReferences").Any(other => other.Flag("controller")))
            return;
        // It may be an owner without control already.
        Release(json);
        var metadata = json.Within("metadata");
        if (metadata["ownerReferences"] is not JsonArray owners)
            metadata["ownerReferences"] = owners = [];
        owners.Add((JsonNode)Reference());
    }

    private void Release(JsonObject json)
    {
        if (json.At("metadata", "ownerReferences") is not JsonArray owners)
            return;
        foreach (var own in owners.Where(other => other.Text("uid") == owner.Uid).ToList())
            owners.Remove(own);
        if (owners.Count == 0)
            json.Within("metadata").Remove("ownerReferences");
    }
}
