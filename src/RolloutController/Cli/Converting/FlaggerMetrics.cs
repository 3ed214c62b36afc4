using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Api;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>
/// The metrics of a Canary of Flagger, as checks. Fields by its <c>pkg/apis/flagger/v1beta1/canary.go</c> (CanaryMetric) and <c>metric.go</c>; which
/// values fail, by its <c>pkg/controller/scheduler_metrics.go</c>.
/// </summary>
/// <param name="draft">The Rollout.</param>
/// <param name="templates">The MetricTemplates.</param>
/// <param name="target">The Deployment.</param>
/// <param name="service">The Service.</param>
internal sealed partial class FlaggerMetrics(RolloutDraft draft, ForeignTemplates templates, string target, string service)
{
    private readonly ForeignQuery _queries = new(draft);

    /// <summary>Makes a check of a metric, or the error rate.</summary>
    public void Convert(FieldReader metric)
    {
        var (name, threshold) = (metric.Text("name") ?? "metric", metric.Number("threshold"));
        var (min, max) = metric.Object("thresholdRange") is { } range ? (range.Number("min"), range.Number("max")) : name == "request-success-rate" ? (threshold, null) : (null, threshold);
        var analysis = (JsonObject)draft.Spec["analysis"]!;
        if (name == "request-success-rate" && analysis["errorRate"] is null && min is < 100)
            analysis["errorRate"] = new JsonObject { ["max"] = ForeignText.Percent(100 - min.Value) };
        else if (name == "request-duration" && max is > 0)
            draft.Add(draft.Checks, new JsonObject { ["name"] = name, ["latency"] = new JsonObject { ["max"] = "1%", ["slowerThan"] = GatewayDuration.Format(TimeSpan.FromMilliseconds(max.Value)) } });
        else if (Query(metric) is { } query)
            Add(metric, name, query, ForeignLimits.Of(min, max));
        foreach (var field in new[] { "interval", "templateVariables", "query" })
            metric.Node(field);
    }

    private void Add(FieldReader metric, string name, JsonObject query, ForeignLimits? limits)
    {
        if (limits is null)
            draft.Note(metric.Path, $"{name} is not converted: give it a thresholdRange, whose numbers have 12 digits and 6 behind the point at the most");
        else
            draft.Add(draft.Checks, new JsonObject { ["name"] = ForeignText.CheckName(name), ["query"] = query, ["critical"] = limits.Json() });
    }

    /// <summary>What a metric asks; null, with a note, where a check cannot ask it.</summary>
    private JsonObject? Query(FieldReader metric)
    {
        if (metric.Object("templateRef") is not { } reference)
        {
            if (metric.Text("query") is { } query)
                return Query(metric, metric.PathOf("query"), query);
            draft.Note(metric.Path, $"{metric.Text("name")} is not converted: write what it asks as a check (docs/checks.md)");
            return null;
        }

        var name = reference.Text("name") ?? "";
        foreach (var field in new[] { "apiVersion", "kind" })
            reference.Node(field);
        if (templates.Metric(name, reference.Text("namespace")) is { } template)
            return Query(metric, template);
        draft.Note(reference.Path, $"MetricTemplate {name} is not beside it, so {metric.Text("name")} is not converted: give it by another -f, or name canary/{draft.Source.Name} to have it read from the cluster");
        return null;
    }

    private JsonObject? Query(FieldReader metric, Manifest template)
    {
        var spec = new FieldReader(template.Where, $"{template} spec", template.Json["spec"] as JsonObject ?? []);
        if (spec.Object("provider") is { } provider)
        {
            if (provider.Text("type") is { } type and not "prometheus")
            {
                draft.Note(provider.PathOf("type"), $"{type} is not asked by the controller, so {metric.Text("name")} is not converted: {ForeignQuery.Instead}");
                return null;
            }

            _queries.Provider(provider.PathOf("address"), provider.Text("address"));
            foreach (var path in provider.Rest.ToList())
                draft.Note(path, ForeignQuery.OfProvider);
        }

        return Query(metric, $"{spec.Path}.query", spec.Text("query") ?? "");
    }

    private JsonObject? Query(FieldReader metric, string path, string query)
    {
        var window = metric.Text("interval") ?? "1m";
        var variables = metric.Node("templateVariables") as JsonObject ?? [];
        // Flagger tells the new version by the names of its pods, or by its Service.
        var ours = CanaryService().Replace(CanaryPods().Replace(query, "$$pods"), "$$service");
        var (filled, unknown) = ForeignQuery.Fill(ours, name => name switch
        {
            "namespace" => "$namespace",
            "name" => draft.Source.Name,
            "target" => target,
            "service" => service,
            "interval" => window,
            "ingress" => ForeignText.Of((draft.Source.Json["spec"]?["ingressRef"] as JsonObject)?["name"]),
            _ => name.StartsWith("variables.", StringComparison.Ordinal) ? ForeignText.Of(variables[name["variables.".Length..]]) : null,
        });
        if (unknown is null)
            return _queries.Convert(path, filled);
        draft.Note(path, $"is not converted: what {unknown} stands for is not known here");
        return null;
    }

    // The regular expression that Flagger's documentation has for the pods of the target.
    [GeneratedRegex(@"\{\{\s*target\s*\}\}-\[0-9a-zA-Z\]\+\(-\[0-9a-zA-Z\]\+\)")]
    private static partial Regex CanaryPods();

    [GeneratedRegex(@"\{\{\s*service\s*\}\}-canary(?![A-Za-z0-9-])")]
    private static partial Regex CanaryService();
}
