using NUnit.Framework;

namespace RolloutController.Tests.Crd;

/// <summary>What holds for every field of the schema, so that a field added later keeps the promises too.</summary>
internal sealed class SchemaTests
{
    [Test]
    public void Every_field_says_what_it_is() =>
        Assert.That(
            Paths(field => !field.Path.EndsWith("[]", StringComparison.Ordinal) && !field.Path.EndsWith('*') && !field.Has("description")),
            Is.Empty);

    [Test]
    public void Every_text_is_bounded() =>
        Assert.That(
            Paths(field => (field.Type == "string" || field.Has("x-kubernetes-int-or-string"))
                           && !field.Has("maxLength") && !field.Has("enum") && (string?)field.Schema["format"] != "date-time"),
            Is.Empty);

    [Test]
    public void Every_number_is_bounded() =>
        Assert.That(Paths(field => field.Type == "integer" && !(field.Has("minimum") && field.Has("maximum"))), Is.Empty);

    [Test]
    public void No_number_is_a_float() => Assert.That(Paths(field => field.Type == "number"), Is.Empty);

    [Test]
    public void Every_list_is_bounded_and_says_how_it_merges() =>
        Assert.That(
            Paths(field => field.Type == "array" && !(field.Has("maxItems") && field.Has("x-kubernetes-list-type"))), Is.Empty);

    [Test]
    public void Every_map_is_bounded() =>
        Assert.That(Paths(field => field.Has("additionalProperties") && !field.Has("maxProperties")), Is.Empty);

    [Test]
    public void Only_pod_templates_keep_unknown_fields() =>
        Assert.That(
            Paths(field => field.Has("x-kubernetes-preserve-unknown-fields")),
            Is.EquivalentTo(["spec.template", "spec.template.metadata", "spec.analysis.checks[].job.template", "spec.gates[].job.template"]));

    [Test]
    public void Every_rule_has_a_message() =>
        Assert.That(CrdSchema.Rules.Where(rule => rule.Message.Length == 0), Is.Empty);

    [Test]
    public void The_defaults_are_those_of_the_API() =>
        Assert.That(
            CrdSchema.Fields.Where(field => field.Has("default"))
                .Select(field => $"{field.Path} = {field.Schema["default"]!.ToJsonString()}"),
            Is.EquivalentTo([
                "spec.minReadySeconds = 0",
                "spec.revisionHistoryLimit = 10",
                "spec.progressDeadline = \"10m\"",
                "spec.maxUnavailable = 0",
                "spec.paused = false",
                "spec.rolloutOn = [\"template\"]",
                "spec.deletionPolicy = \"Restore\"",
                "spec.scaleDownDelay = \"30s\"",
                "spec.traffic.propagation = \"5s\"",
                "spec.steps = [{\"weight\":5},{\"weight\":25},{\"weight\":50},{\"weight\":100}]",
                "spec.steps[].hold = \"60s\"",
                "spec.steps[].pause = false",
                "spec.windows.timeZone = \"UTC\"",
                "spec.analysis.interval = \"15s\"",
                "spec.analysis.errorRate.onNoData = \"Hold\"",
                "spec.analysis.errorRate.sensitivity = \"5%\"",
                "spec.analysis.errorRate.tolerance = \"50%\"",
                "spec.analysis.checks[].failures = 1",
                "spec.analysis.checks[].for = \"0s\"",
                "spec.analysis.checks[].minSamples = 1",
                "spec.analysis.checks[].onNoData = \"Hold\"",
                "spec.analysis.checks[].job.deadline = \"10m\"",
                "spec.analysis.checks[].job.retries = 0",
                "spec.analysis.checks[].job.afterPods = false",
                "spec.analysis.checks[].http.path = \"/\"",
                "spec.analysis.checks[].http.scheme = \"HTTP\"",
                "spec.analysis.checks[].http.maxLatency = \"2s\"",
                "spec.analysis.checks[].errorRate.tolerance = \"50%\"",
                "spec.analysis.checks[].latency.tolerance = \"50%\"",
                "spec.analysis.checks[].metric.reduce = \"Max\"",
            "spec.analysis.checks[].logs.over = \"1m\"",
            "spec.analysis.checks[].logs.value = \"Count\"",
                "spec.gates[].failures = 1",
                "spec.gates[].for = \"0s\"",
                "spec.gates[].minSamples = 1",
                "spec.gates[].onNoData = \"Hold\"",
                "spec.gates[].job.deadline = \"10m\"",
                "spec.gates[].job.retries = 0",
                "spec.gates[].job.afterPods = false",
                "spec.gates[].http.path = \"/\"",
                "spec.gates[].http.scheme = \"HTTP\"",
                "spec.gates[].http.maxLatency = \"2s\"",
                "spec.gates[].metric.reduce = \"Max\"",
            "spec.gates[].logs.over = \"1m\"",
            "spec.gates[].logs.value = \"Count\"",
            ]));

    // A larger object does not fit into the annotation of a client-side `kubectl apply`: all annotations of an object
    // together have at most 256 KiB (TotalAnnotationSizeLimitB in apimachinery).
    [Test]
    public void The_definition_can_be_applied_from_the_client() =>
        Assert.That(YamlFile.Documents(CrdSchema.File).Single().ToJsonString(), Has.Length.LessThan(256 * 1024));

    [Test]
    public void The_scale_subresource_names_fields_of_the_schema()
    {
        var scale = CrdSchema.Version["subresources"]!["scale"]!.AsObject();
        Assert.That(
            scale.Select(entry => ((string)entry.Value!).TrimStart('.')),
            Is.SubsetOf(CrdSchema.Fields.Select(field => field.Path)));
    }

    [Test]
    public void The_printed_columns_are_fields_of_the_schema()
    {
        var columns = from column in CrdSchema.Version["additionalPrinterColumns"]!.AsArray()
                      let path = ((string)column["jsonPath"]!).TrimStart('.')
                      where path != "metadata.creationTimestamp"
                      select path;
        Assert.That(columns, Is.SubsetOf(CrdSchema.Fields.Select(field => field.Path)));
    }

    private static IEnumerable<string> Paths(Func<SchemaField, bool> wrong) =>
        CrdSchema.Fields.Where(wrong).Select(field => field.Path);
}
