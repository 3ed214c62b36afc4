using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The rules of a built-in kind.</summary>
/// <param name="resource">The kind, in the version of the request.</param>
/// <param name="type">Its type.</param>
internal sealed class BuiltInRules(Resource resource, KindType.Object type) : IResourceRules
{
    /// <inheritdoc/>
    public IMergeRules Merge { get; } = new KindMerge(type);

    /// <summary>The rules of a kind; those of kinds that are not listed in <c>kinds.types</c> take everything.</summary>
    public static IResourceRules Of(Resource resource)
    {
        var name = (resource.Group, resource.Version, resource.Kind) switch
        {
            ("events.k8s.io", _, _) => "EventOfEvents",
            ("autoscaling", "v1", _) => "HorizontalPodAutoscalerV1",
            ("discovery.k8s.io", "v1beta1", _) => "",
            _ => resource.Kind,
        };
        return KindTypes.All.Find(name) is { } type ? new BuiltInRules(resource, type) : resource.Rules;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Prune(JsonObject item, JsonObject? old = null) => [.. KindReading.Read(item, type, resource.Kind, resource.Version, old).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Generate(JsonObject item)
    {
        if (resource.Kind == "Job")
            JobRules.Generate(item);
    }

    /// <inheritdoc/>
    public void Default(JsonObject item)
    {
        WriteDefaults(item);
        FieldOrder.ByType(item, type);
    }

    /// <inheritdoc/>
    public IReadOnlyList<FieldProblem> Validate(JsonObject item, JsonObject? old)
    {
        var problems = ObjectMetadata.Check(item, resource.Kind switch { "Service" => NameRules.ServiceName, "Namespace" => NameRules.Label, _ => NameRules.Subdomain });
        var spec = item["spec"] as JsonObject ?? [];
        return
        [
            .. problems,
            // Most writes change only the status, and what was stored was judged then.
            .. old is not null && JsonNode.DeepEquals(old["spec"], item["spec"]) && item.ContainsKey("spec") ? [] : resource.Kind switch
            {
                "Pod" => PodValidation.CheckPod(spec, "spec"),
                "ReplicaSet" => WorkloadValidation.OfReplicaSet(spec, old?["spec"] as JsonObject),
                "Deployment" => WorkloadValidation.OfDeployment(spec, old?["spec"] as JsonObject),
                "Job" => JobRules.Check(item, old),
                "Service" => ServiceValidation.Check(spec),
                "HorizontalPodAutoscaler" => AutoscalerRules.Check(spec, resource.Version),
                "ConfigMap" or "Secret" => ConfigRules.Check(item, old),
                "Lease" => LeaseRules.Check(spec),
                "PodDisruptionBudget" => LeaseRules.CheckBudget(spec),
                _ => [],
            },
        ];
    }

    private void WriteDefaults(JsonObject item)
    {
        switch (resource.Kind)
        {
            case "Pod":
                PodDefaults.OfPod(item.Within("spec"));
                break;
            case "ReplicaSet":
                WorkloadDefaults.OfReplicaSet(item.Within("spec"));
                break;
            case "Deployment":
                WorkloadDefaults.OfDeployment(item.Within("spec"));
                break;
            case "Job":
                JobRules.Default(item);
                break;
            case "Service":
                ServiceDefaults.Of(item.Within("spec"));
                break;
            case "Endpoints" or "EndpointSlice":
                ServiceDefaults.OfEndpoints(item);
                break;
            case "HorizontalPodAutoscaler":
                AutoscalerRules.Default(item.Within("spec"), resource.Version);
                break;
            case "Secret":
                ConfigRules.DefaultSecret(item);
                break;
        }
    }
}
