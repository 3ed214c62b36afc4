using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>
/// The analyses of a Rollout of Argo Rollouts, as checks. Fields by its <c>pkg/apis/rollouts/v1alpha1/types.go</c> (RolloutAnalysis) and
/// <c>analysis_types.go</c>.
/// </summary>
/// <param name="draft">The Rollout.</param>
/// <param name="templates">The AnalysisTemplates.</param>
/// <param name="canaryService">The Service of the new version; null for none.</param>
internal sealed class ArgoAnalysis(RolloutDraft draft, ForeignTemplates templates, string? canaryService)
{
    private const int MostFailures = 100;
    private const int MostSamples = 1000;

    private readonly ArgoProviders _providers = new(draft, canaryService);

    /// <summary>Makes checks of an analysis.</summary>
    /// <param name="analysis">The analysis.</param>
    /// <param name="into">Where they go: the checks, or the gates.</param>
    public void Convert(FieldReader analysis, JsonArray into)
    {
        foreach (var name in new[] { "measurementRetention", "analysisRunMetadata" })
            analysis.Node(name);
        if (analysis.Node("startingStep") is not null)
            draft.Note(analysis.PathOf("startingStep"), "checks are looked at from the first step on");
        Convert(analysis, analysis.Objects("args"), DryRun(analysis), into, []);
    }

    private void Convert(FieldReader from, IReadOnlyList<FieldReader> arguments, HashSet<string> dry, JsonArray into, HashSet<string> seen)
    {
        foreach (var reference in from.Objects("templates"))
        {
            var (name, isClusterWide) = (reference.Text("templateName") ?? "", reference.Flag("clusterScope") == true);
            var kind = isClusterWide ? "ClusterAnalysisTemplate" : "AnalysisTemplate";
            if (!seen.Add($"{kind}/{name}"))
                continue;
            if (templates.Analysis(name, isClusterWide) is { } template)
                Convert(template, arguments, dry, into, seen);
            else
                draft.Note(reference.Path, $"{kind} {name} is not beside it, so it is not converted: give it by another -f, or name rollout.argoproj.io/{draft.Source.Name} to have it read from the cluster");
        }
    }

    private void Convert(Manifest template, IReadOnlyList<FieldReader> arguments, HashSet<string> dry, JsonArray into, HashSet<string> seen)
    {
        var spec = new FieldReader(template.Where, $"{template} spec", template.Json["spec"] as JsonObject ?? []);
        spec.Node("measurementRetention");
        var values = new ArgoArguments(draft, canaryService);
        values.Add(arguments);
        values.Add(spec.Objects("args"));
        HashSet<string> watched = [.. dry, .. DryRun(spec)];
        foreach (var metric in spec.Objects("metrics"))
            Metric(metric, values, watched, into);
        Convert(spec, arguments, watched, into, seen);
        foreach (var path in spec.Rest)
            draft.Note(path, "has no counterpart");
    }

    private static HashSet<string> DryRun(FieldReader from) => [.. from.Objects("dryRun").Select(each => each.Text("metricName") ?? "")];

    private void Metric(FieldReader metric, ArgoArguments arguments, HashSet<string> dry, JsonArray into)
    {
        var name = metric.Text("name") ?? "metric";
        var check = new JsonObject { ["name"] = ForeignText.CheckName(name) };
        var interval = metric.Text("interval");
        foreach (var (field, instead) in new[]
        {
            ("initialDelay", "hold the step for longer; minSamples says how many looks it needs"), ("inconclusiveLimit", "what is unknown holds (onNoData)"),
            ("consecutiveErrorLimit", "what is unknown holds (onNoData)"), ("consecutiveSuccessLimit", "minSamples says how many looks a step needs"),
        })
        {
            if (metric.Node(field) is not null)
                draft.Note(metric.PathOf(field), instead);
        }

        var (count, limit) = (Whole(metric, "count", arguments), Whole(metric, "failureLimit", arguments));
        if (!_providers.Convert(metric, arguments, check, dry.Contains(name) || dry.Contains("*")))
            return;
        if (check.ContainsKey("job"))
        {
            draft.Add(into, check);
            return;
        }

        if (interval is not null && ForeignText.Duration(arguments.Fill(interval).Text) is { TotalSeconds: >= 1 } time)
            check["interval"] = GatewayDuration.Format(time);
        if (count is > 1 and <= MostSamples)
            check["minSamples"] = count;
        if (limit is > 0 and < MostFailures)
        {
            check["failures"] = limit + 1;
            draft.Note(metric.PathOf("failureLimit"), FormattableString.Invariant($"{limit} measurements may fail in all; here {limit + 1} in a row roll back"));
        }

        draft.Add(into, check);
    }

    /// <summary>A number, or a text that is one once it is filled in; null where it is absent or cannot be known.</summary>
    private static int? Whole(FieldReader metric, string name, ArgoArguments arguments) =>
        metric.Node(name) is JsonValue value && int.TryParse(arguments.Fill($"{value}").Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
