using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges ReplicaSets and Deployments.</summary>
internal static partial class WorkloadValidation
{
    private const string Template = "spec.template";

    /// <summary>Judges a ReplicaSet.</summary>
    public static IEnumerable<FieldProblem> OfReplicaSet(JsonObject spec, JsonObject? old) =>
    [
        .. Checks.NonNegative(spec, "spec", "replicas", "minReadySeconds"),
        .. SelectorValidation.Check(spec, isReported: true),
        .. OfTemplate(spec),
        .. SelectorValidation.Changed(spec, old),
    ];

    /// <summary>Judges a Deployment.</summary>
    public static IEnumerable<FieldProblem> OfDeployment(JsonObject spec, JsonObject? old) =>
    [
        .. Checks.NonNegative(spec, "spec", "replicas", "minReadySeconds", "revisionHistoryLimit"),
        .. SelectorValidation.Check(spec, isReported: true),
        .. OfTemplate(spec),
        .. Strategy(spec.Object("strategy") ?? [], "spec.strategy"),
        .. Deadline(spec),
        .. SelectorValidation.Changed(spec, old),
    ];

    /// <summary>Judges the pod template of a workload.</summary>
    public static IEnumerable<FieldProblem> OfPodTemplate(JsonObject spec)
    {
        var template = spec.Object("template") ?? [];
        return
        [
            .. ObjectMetadata.Labels(template.Object("metadata", "labels") ?? [], $"{Template}.labels"),
            .. ObjectMetadata.Annotations(template.Object("metadata", "annotations") ?? [], $"{Template}.annotations"),
            .. PodValidation.Check(template.Object("spec") ?? [], $"{Template}.spec"),
        ];
    }

    private static IEnumerable<FieldProblem> OfTemplate(JsonObject spec)
    {
        var pod = spec.Object("template", "spec") ?? [];
        return
        [
            .. OfPodTemplate(spec),
            .. Checks.OneOf(pod, "restartPolicy", $"{Template}.spec", "Always"),
            .. pod["activeDeadlineSeconds"] is null
                ? Array.Empty<FieldProblem>()
                : [FieldProblems.Forbidden($"{Template}.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported")],
        ];
    }

    private static IEnumerable<FieldProblem> Deadline(JsonObject spec)
    {
        if (spec.Number("progressDeadlineSeconds") is not { } deadline)
            yield break;
        if (deadline < 0)
            yield return FieldProblems.Invalid("spec.progressDeadlineSeconds", deadline, Checks.NotNegative);
        if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            yield return FieldProblems.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
    }

    private static IEnumerable<FieldProblem> Strategy(JsonObject strategy, string path)
    {
        var rolling = strategy.Object("rollingUpdate");
        return strategy.Text("type") switch
        {
            "Recreate" => rolling is null ? [] : [FieldProblems.Forbidden($"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")],
            "RollingUpdate" => rolling is null ? [FieldProblems.Required($"{path}.rollingUpdate", "this should be defaulted and never be nil")] : Rolling(rolling, $"{path}.rollingUpdate"),
            _ => [FieldProblems.NotSupported(path, strategy, ["Recreate", "RollingUpdate"])],
        };
    }

    private static IEnumerable<FieldProblem> Rolling(JsonObject rolling, string path) =>
    [
        .. Share(rolling["maxUnavailable"], $"{path}.maxUnavailable"),
        .. Share(rolling["maxSurge"], $"{path}.maxSurge"),
        .. IsNone(rolling["maxUnavailable"]) && IsNone(rolling["maxSurge"])
            ? [FieldProblems.Invalid($"{path}.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0")]
            : Array.Empty<FieldProblem>(),
        .. Percent(rolling["maxUnavailable"]) > 100
            ? [FieldProblems.Invalid($"{path}.maxUnavailable", rolling["maxUnavailable"], "must not be greater than 100%")]
            : Array.Empty<FieldProblem>(),
    ];

    private static IEnumerable<FieldProblem> Share(JsonNode? value, string path)
    {
        if (value.Text() is { } text && !PercentPattern().IsMatch(text))
            yield return FieldProblems.Invalid(path, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        if (value.Number() < 0)
            yield return FieldProblems.Invalid(path, value, Checks.NotNegative);
    }

    private static bool IsNone(JsonNode? value) => value.Number() == 0 || Percent(value) == 0;

    private static long? Percent(JsonNode? value) => value.Text() is { } text && PercentPattern().IsMatch(text) && long.TryParse(text.AsSpan(0, text.Length - 1), out var percent) ? percent : null;

    [GeneratedRegex(@"^[0-9]+%\z")]
    private static partial Regex PercentPattern();
}
