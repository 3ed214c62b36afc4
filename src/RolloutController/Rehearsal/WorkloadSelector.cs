using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal;

/// <summary>A label selector of a workload: <c>matchLabels</c> and <c>matchExpressions</c>. An empty one matches everything.</summary>
internal sealed class WorkloadSelector
{
    private readonly IReadOnlyList<(string Key, string Operator, IReadOnlyList<string> Values)> _requirements;

    private WorkloadSelector(IEnumerable<(string, string, IReadOnlyList<string>)> requirements) => _requirements = [.. requirements];

    /// <summary>Reads the selector of a workload; null where there is none, which matches nothing.</summary>
    public static WorkloadSelector? OfWorkload(JsonNode? selector) => selector is not JsonObject
        ? null
        : new(Equal(selector.At("matchLabels")).Concat(selector.Items("matchExpressions").Select(expression => (
            expression.Text("key") ?? "",
            expression.Text("operator") ?? "",
            (IReadOnlyList<string>)[.. expression.Items("values").Select(value => value.GetValue<string>())]))));

    /// <summary>Reads the selector of a Service, which is labels alone; null where it is empty, as endpoints are made by hand then.</summary>
    public static WorkloadSelector? OfService(JsonNode? selector) => selector is JsonObject { Count: > 0 } ? new(Equal(selector)) : null;

    /// <summary>Whether labels match; a requirement that this code does not know matches nothing.</summary>
    public bool Matches(JsonNode? labels) => _requirements.All(requirement => (requirement.Operator, labels.Text(requirement.Key)) switch
    {
        ("In", var value) => value is not null && requirement.Values.Contains(value),
        ("NotIn", var value) => value is null || !requirement.Values.Contains(value),
        ("Exists", var value) => value is not null,
        ("DoesNotExist", var value) => value is null,
        _ => false,
    });

    /// <summary>A label, with its value, that whatever matches has; null where the selector asks for none.</summary>
    public (string Label, string Value)? Certain => _requirements.Where(requirement => requirement is { Operator: "In", Values.Count: 1 })
        .Select(requirement => ((string, string)?)(requirement.Key, requirement.Values[0]))
        .FirstOrDefault();

    /// <summary>The objects of a kind in a namespace that match, by name.</summary>
    public IEnumerable<StoredObject> Of(EmbeddedCluster cluster, string plural, string @namespace) =>
        (Certain is var (label, value) ? cluster.Labelled(plural, @namespace, label, value) : cluster.List(plural, @namespace)).Where(item => Matches(item.Labels()));

    private static IEnumerable<(string, string, IReadOnlyList<string>)> Equal(JsonNode? labels) =>
        (labels as JsonObject ?? []).Select(label => (label.Key, "In", (IReadOnlyList<string>)[label.Value?.GetValue<string>() ?? ""]));
}
