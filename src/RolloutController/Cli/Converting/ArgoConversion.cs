using System.Text.Json.Nodes;

namespace RolloutController.Cli.Converting;

/// <summary>A Rollout of Argo Rollouts. Fields by its <c>pkg/apis/rollouts/v1alpha1/types.go</c>, and by the docs of its plugin for the Gateway API.</summary>
/// <param name="draft">The Rollout.</param>
/// <param name="templates">The AnalysisTemplates.</param>
internal sealed class ArgoConversion(RolloutDraft draft, ForeignTemplates templates)
{
    private const string GatewayPlugin = "argoproj-labs/gatewayAPI";

    private static readonly string[] Routers = ["istio", "nginx", "alb", "smi", "ambassador", "appMesh", "traefik", "apisix"];

    /// <summary>Makes it.</summary>
    public void Convert()
    {
        var from = draft.From;
        draft.Take("replicas", "selector", "template", "minReadySeconds", "revisionHistoryLimit", "paused");
        draft.TakeSeconds(from, "progressDeadlineSeconds", "progressDeadline");
        if (from.Object("workloadRef") is { } workload)
            Workload(workload);
        if (from.Flag("progressDeadlineAbort") != true)
            draft.Note("spec.progressDeadlineAbort", "a version whose pods do not become ready within progressDeadline is always rolled back");
        if (from.Node("restartAt") is not null)
            draft.Note("spec.restartAt", "restart with kubectl rollouts restart, which goes by the steps");
        if (from.Node("rollbackWindow") is not null)
            draft.Note("spec.rollbackWindow", "kubectl rollouts undo goes back at once while the pods of the version before are still up (spec.scaleDownDelay, spec.monitor), else by the steps");
        if (from.Node("analysis") is not null)
            draft.Note("spec.analysis", "there are no AnalysisRuns whose number would have to be bounded");
        if (from.Object("strategy") is not { } strategy)
            return;
        if (strategy.Object("canary") is { } canary)
            Canary(canary);
        if (strategy.Object("blueGreen") is { } blueGreen)
            BlueGreen(blueGreen);
    }

    private void Workload(FieldReader workload)
    {
        workload.Node("apiVersion");
        draft.Spec["workloadRef"] = new JsonObject { ["kind"] = workload.Text("kind") ?? "Deployment", ["name"] = workload.Text("name") };
        draft.Spec.Remove("selector");
        draft.Spec.Remove("template");
        if (workload.Text("scaleDown") is { } scaleDown)
            draft.Note(workload.PathOf("scaleDown"), $"{scaleDown} has no counterpart: the pods of the Deployment are taken over as they run, and the Deployment is paused");
    }

    private void Canary(FieldReader canary)
    {
        foreach (var name in new[] { "maxSurge", "maxUnavailable" })
        {
            if (canary.Node(name) is { } value)
                draft.Spec[name] = value;
        }

        draft.TakeSeconds(canary, "scaleDownDelaySeconds", "scaleDownDelay");
        if (canary.Node("abortScaleDownDelaySeconds") is not null)
            draft.Note(canary.PathOf("abortScaleDownDelaySeconds"), "spec.scaleDownDelay holds after a rollback, too");
        var stable = canary.Text("stableService");
        var service = canary.Text("canaryService");
        var routes = canary.Object("trafficRouting") is { } routing ? Routes(routing) : [];
        if (stable is not null)
            draft.Split(stable, routes);
        else if (routes.Count > 0)
            draft.Note(canary.PathOf("stableService"), "is missing, so traffic is left out: write the Service that the routes name as spec.traffic.service");
        if (service is not null)
            draft.Note(canary.PathOf("canaryService"), $"a Rollout makes a Service of its own while it runs: take {service} out of the routes, and delete it then");
        var analyses = new ArgoAnalysis(draft, templates, service);
        if (canary.Object("analysis") is { } analysis)
            analyses.Convert(analysis, draft.Checks);
        foreach (var step in canary.Objects("steps"))
            Step(step, analyses);
    }

    private void Step(FieldReader step, ArgoAnalysis analyses)
    {
        if (step.Number("setWeight") is { } weight)
        {
            if (weight > 0)
                draft.Steps.Add(new DraftStep((int)weight));
            else
                draft.Note(step.Path, "a weight of 0 is where every rollout begins: gates are asked there (docs/checks.md)");
        }

        if (step.Object("pause") is { } pause)
            Pause(pause);
        if (step.Object("analysis") is { } analysis)
        {
            draft.Note(analysis.Path, "its checks are looked at at every step");
            analyses.Convert(analysis, draft.Checks);
        }

        if (step.Node("setCanaryScale") is not null)
            draft.Note(step.PathOf("setCanaryScale"), "the pods of the new version follow its weight, and are up before it");
        if (step.Node("setHeaderRoute") is not null)
            draft.Note(step.PathOf("setHeaderRoute"), "headers with exact values can be written as spec.traffic.match, which holds from the first step on");
    }

    private void Pause(FieldReader pause)
    {
        if (draft.Steps.Count == 0)
        {
            draft.Note(pause.Path, "there is no step yet that could wait: write a gate (docs/checks.md)");
            pause.Node("duration");
            return;
        }

        var last = draft.Steps[^1];
        if (pause.Node("duration") is not { } duration)
            draft.Steps[^1] = last with { Pause = true };
        else if (ForeignText.Duration($"{duration}") is { } hold)
            draft.Steps[^1] = last with { Hold = (last.Hold ?? TimeSpan.Zero) + hold };
        else
            draft.Note(pause.PathOf("duration"), $"{duration} is no duration: the step is held for the default of 60s");
    }

    private List<(string Kind, string Name)> Routes(FieldReader routing)
    {
        foreach (var router in Routers.Where(router => routing.Node(router) is not null))
            draft.Note(routing.PathOf(router), "is not among what Rollouts split traffic by: put an HTTPRoute or GRPCRoute of the Gateway API before the Service, or leave the split to pod counts");
        if (routing.Object("plugins")?.Object(GatewayPlugin) is not { } plugin)
            return [];
        plugin.Node("namespace");
        var routes = new List<(string, string)>();
        foreach (var (field, kind) in new[] { ("httpRoute", "HTTPRoute"), ("grpcRoute", "GRPCRoute") })
        {
            if (plugin.Text(field) is { } only)
                routes.Add((kind, only));
            routes.AddRange(plugin.Objects($"{field}s").Select(route => (kind, route.Text("name") ?? "")));
        }

        return routes;
    }

    /// <summary>The new version is complete before it gets anything, and then gets all of it: a single step.</summary>
    private void BlueGreen(FieldReader blueGreen)
    {
        if (blueGreen.Text("activeService") is { } active)
            draft.Split(active, []);
        var preview = blueGreen.Text("previewService");
        if (preview is not null)
            draft.Note(blueGreen.PathOf("previewService"), $"gates ask the new pods before any traffic (docs/checks.md); to look yourself, write traffic.match and a step with weight: 0. {preview} is not needed");
        draft.TakeSeconds(blueGreen, "scaleDownDelaySeconds", "scaleDownDelay");
        draft.Steps.Add(new DraftStep(100) { Hold = TimeSpan.Zero });
        if (blueGreen.Flag("autoPromotionEnabled") == false)
            draft.Note(blueGreen.PathOf("autoPromotionEnabled"), "who wants to be asked before the first request writes a gate with a hook, or spec.paused: true before each version");
        var analyses = new ArgoAnalysis(draft, templates, preview);
        if (blueGreen.Object("prePromotionAnalysis") is { } before)
            analyses.Convert(before, draft.Gates);
        if (blueGreen.Object("postPromotionAnalysis") is { } after)
        {
            draft.Note(after.Path, "its checks are looked at while the step lasts: give it a hold, or write spec.monitor, which judges the version further before the one before it goes");
            analyses.Convert(after, draft.Checks);
        }
    }
}
