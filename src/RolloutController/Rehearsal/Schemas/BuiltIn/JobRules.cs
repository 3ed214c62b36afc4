using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>
/// Completes and judges Jobs, as <c>k8s.io/kubernetes/pkg/registry/batch/job/strategy.go</c> and <c>pkg/apis/batch</c> do. What the
/// simulated Job controller does not play (indexes, failure and success policies) is refused, so that nobody takes it for played.
/// </summary>
internal static class JobRules
{
    private const string UidLabel = "batch.kubernetes.io/controller-uid";
    private const string NameLabel = "batch.kubernetes.io/job-name";
    private const string OldUidLabel = "controller-uid";
    private const string OldNameLabel = "job-name";

    private static readonly string[] Immutable = ["completions", "selector", "template", "completionMode"];
    private static readonly string[] NotPlayed = ["podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "maxFailedIndexes"];

    /// <summary>Writes the selector of a new Job, and the labels by which it finds its pods. Labels of the user's own stay, to be judged.</summary>
    public static void Generate(JsonObject job)
    {
        var spec = job.Within("spec");
        if (spec.Flag("manualSelector"))
            return;
        var labels = spec.Within("template").Within("metadata").Within("labels");
        foreach (var (label, value) in Generated(job))
            labels.Or(label, value);
        spec.Within("selector").Within("matchLabels").Or(UidLabel, Uid(job));
    }

    /// <summary>Writes the defaults.</summary>
    public static void Default(JsonObject job)
    {
        var spec = job.Within("spec");
        if (spec["parallelism"] is null)
            spec.Or("completions", 1);
        spec.Or("parallelism", 1);
        spec.Or("backoffLimit", 6);
        spec.Or("manualSelector", false);
        spec.Or("completionMode", "NonIndexed");
        spec.Or("suspend", false);
        spec.Or("podReplacementPolicy", "TerminatingOrFailed");
        PodDefaults.OfTemplate(spec.Within("template").Within("spec"));
        if (spec.Object("template", "metadata", "labels") is { Count: > 0 } labels && job.Object("metadata", "labels") is not { Count: > 0 })
            job.Within("metadata")["labels"] = labels.DeepClone();
    }

    /// <summary>Judges a Job.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject job, JsonObject? old)
    {
        var spec = job.Object("spec") ?? [];
        return
        [
            .. spec.Flag("manualSelector") ? [] : GeneratedSelector(job, spec),
            .. Checks.NonNegative(spec, "spec", "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"),
            .. Checks.OneOf(spec, "completionMode", "spec", "NonIndexed"),
            .. Checks.OneOf(spec, "podReplacementPolicy", "spec", "TerminatingOrFailed"),
            .. Checks.OneOf(spec, "managedBy", "spec", "kubernetes.io/job-controller"),
            .. from field in NotPlayed where spec[field] is not null select FieldProblems.Forbidden($"spec.{field}", "a simulated cluster does not play it"),
            .. WorkloadValidation.OfPodTemplate(spec),
            .. RestartPolicy(spec),
            .. SelectorValidation.Check(spec, isReported: false),
            .. Changed(spec, old?.Object("spec")),
        ];
    }

    private static string Uid(JsonObject job) => job.Text("metadata", "uid") ?? "";

    private static IEnumerable<(string Label, string Value)> Generated(JsonObject job)
    {
        var (uid, name) = (Uid(job), job.Text("metadata", "name") ?? "");
        return [(UidLabel, uid), (NameLabel, name), (OldUidLabel, uid), (OldNameLabel, name)];
    }

    /// <summary>The API server's own labels: whoever writes others would mix the pods of two Jobs.</summary>
    private static IEnumerable<FieldProblem> GeneratedSelector(JsonObject job, JsonObject spec)
    {
        if (spec["selector"] is null)
            yield break;
        var labels = spec.Object("template", "metadata", "labels");
        var generated = new JsonObject();
        foreach (var (label, value) in Generated(job))
        {
            generated[label] = value;
            var path = $"spec.template.metadata.labels[{label}]";
            if (labels.Text(label) is not { } actual)
                yield return FieldProblems.Required(path, $"must be '{value}'");
            else if (actual != value)
                yield return FieldProblems.Invalid(path, labels, $"must be '{value}'");
        }

        if (!WorkloadSelector.OfWorkload(spec["selector"])!.Matches(generated))
            yield return FieldProblems.Invalid("spec.selector", spec["selector"], "`selector` not auto-generated");
    }

    private static IEnumerable<FieldProblem> RestartPolicy(JsonObject spec)
    {
        if (spec.Text("template", "spec", "restartPolicy") == "Always")
            yield return FieldProblems.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
    }

    private static IEnumerable<FieldProblem> Changed(JsonObject spec, JsonObject? old) =>
        from field in Immutable
        where old is not null && !JsonNode.DeepEquals(spec[field], old[field])
        select FieldProblems.Invalid($"spec.{field}", spec[field], "field is immutable");
}
