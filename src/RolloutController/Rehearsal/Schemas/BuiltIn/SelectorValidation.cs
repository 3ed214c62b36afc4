using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges the label selectors of workloads.</summary>
internal static class SelectorValidation
{
    /// <summary>Judges a selector, and whether it selects the pods of the template.</summary>
    /// <param name="spec">The workload.</param>
    /// <param name="isReported">Whether a selector that cannot be read is told once more as a whole.</param>
    public static IEnumerable<FieldProblem> Check(JsonObject spec, bool isReported)
    {
        var selector = spec.Object("selector");
        var labels = spec.Object("template", "metadata", "labels");
        if (selector is null)
            return [FieldProblems.Required("spec.selector"), Mismatch(labels)];
        if (!selector.Object("matchLabels").HasEntries() && !selector.Items("matchExpressions").Any())
            return [FieldProblems.Invalid("spec.selector", selector, "empty selector is invalid for deployment")];
        var problems = Problems(selector).ToList();
        if (problems.Count > 0)
            return isReported ? [.. problems, FieldProblems.Invalid("spec.selector", selector, "invalid label selector")] : problems;
        return WorkloadSelector.OfWorkload(selector)!.Matches(labels) ? [] : [Mismatch(labels)];
    }

    /// <summary>A selector that is no longer as it was.</summary>
    public static IEnumerable<FieldProblem> Changed(JsonObject spec, JsonObject? old)
    {
        if (old is not null && !JsonNode.DeepEquals(spec["selector"], old["selector"]))
            yield return FieldProblems.Invalid("spec.selector", spec["selector"], "field is immutable");
    }

    private static bool HasEntries(this JsonObject? map) => map is { Count: > 0 };

    private static FieldProblem Mismatch(JsonObject? labels) =>
        FieldProblems.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");

    private static IEnumerable<FieldProblem> Problems(JsonObject selector) =>
    [
        .. ObjectMetadata.Labels(selector.Object("matchLabels") ?? [], "spec.selector.matchLabels"),
        .. selector.Objects("matchExpressions").SelectMany((expression, index) => Expression(expression, JsonPath.Index("spec.selector.matchExpressions", index))),
    ];

    private static IEnumerable<FieldProblem> Expression(JsonObject expression, string path)
    {
        var hasValues = expression.Items("values").Any();
        switch (expression.Text("operator"))
        {
            case "In" or "NotIn" when !hasValues:
                yield return FieldProblems.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when hasValues:
                yield return FieldProblems.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case not ("In" or "NotIn" or "Exists" or "DoesNotExist"):
                yield return FieldProblems.Invalid($"{path}.operator", expression["operator"], "not a valid selector operator");
                break;
        }

        foreach (var problem in FieldProblems.OfText($"{path}.key", expression.Text("key") ?? "", NameRules.QualifiedName))
            yield return problem;
    }
}
