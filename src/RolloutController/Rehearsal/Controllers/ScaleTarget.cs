using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>What an autoscaler scales: an object whose kind has a scale subresource.</summary>
internal sealed class ScaleTarget
{
    private readonly StoredObject _object;
    private readonly ScalePaths _paths;

    private ScaleTarget(StoredObject item, ScalePaths paths) => (_object, _paths) = (item, paths);

    /// <summary>The replicas that it is asked to have.</summary>
    public int Replicas => _object.Json.Integer(_paths.Spec.Split('.'));

    /// <summary>What an autoscaler points at; null where there is none, or none that can be scaled.</summary>
    public static ScaleTarget? Find(EmbeddedCluster cluster, StoredObject autoscaler)
    {
        var reference = autoscaler.Json.At("spec", "scaleTargetRef");
        return cluster.Resources.OfKind(reference.Text("apiVersion") ?? "", reference.Text("kind") ?? "") is { Scale: { } paths } resource
            && cluster.Find(resource.Plural, autoscaler.Namespace, reference.Text("name") ?? "") is { } found
            ? new ScaleTarget(found, paths)
            : null;
    }

    /// <summary>The pods that it selects and that nobody asked to go.</summary>
    public IReadOnlyList<StoredObject> Pods(EmbeddedCluster cluster)
    {
        var selector = _object.Json.At((_paths.Selector ?? "").Split('.'));
        Func<StoredObject, bool> selects = selector switch
        {
            JsonObject labels when WorkloadSelector.OfWorkload(labels) is { } workload => pod => workload.Matches(pod.Labels()),
            JsonValue text when LabelSelector.Parse((string?)text) is { } parsed => pod => parsed.Matches(pod.Json),
            _ => _ => false,
        };
        return [.. cluster.List("pods", _object.Namespace).Where(pod => pod.IsActive() && selects(pod))];
    }

    /// <summary>Asks it to have another number of replicas.</summary>
    public void Scale(EmbeddedCluster cluster, int replicas) => cluster.Change(_object.Plural, _object.Namespace, _object.Name, json =>
    {
        var path = _paths.Spec.Split('.');
        var node = path[..^1].Aggregate(json, ObjectReading.Within);
        node[path[^1]] = replicas;
    });
}
