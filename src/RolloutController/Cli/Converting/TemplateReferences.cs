using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Converting;

/// <summary>The templates of analyses that an object of Argo Rollouts or Flagger names, wherever in it.</summary>
internal static class TemplateReferences
{
    /// <summary>All of them.</summary>
    /// <param name="node">The object, or a part of it.</param>
    /// <param name="namespace">The namespace of those that name none.</param>
    public static IEnumerable<(ResourceKind<RawObject> Kind, ObjectKey Key)> Of(JsonNode? node, string @namespace) => node switch
    {
        JsonObject members => Named(members, @namespace).Concat(members.SelectMany(member => Of(member.Value, @namespace))),
        JsonArray items => items.SelectMany(item => Of(item, @namespace)),
        _ => [],
    };

    private static IEnumerable<(ResourceKind<RawObject>, ObjectKey)> Named(JsonObject members, string @namespace)
    {
        if (ForeignText.Of(members["templateName"]) is { Length: > 0 } analysis)
        {
            yield return members["clusterScope"]?.ToString() == "true"
                ? (LiveReference.ArgoKind("ClusterAnalysisTemplate", "clusteranalysistemplates"), new ObjectKey("", analysis))
                : (LiveReference.ArgoKind("AnalysisTemplate", "analysistemplates"), new ObjectKey(@namespace, analysis));
        }

        if (members["templateRef"] is JsonObject reference && ForeignText.Of(reference["name"]) is { Length: > 0 } metric)
            yield return (LiveReference.FlaggerKind("MetricTemplate", "metrictemplates"), new ObjectKey(ForeignText.Of(reference["namespace"]) ?? @namespace, metric));
    }
}
