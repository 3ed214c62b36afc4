using System.Text.Json.Nodes;
using RolloutController.Api;

namespace RolloutController.Cli.Converting;

/// <summary>A Canary of Flagger. Fields by its <c>pkg/apis/flagger/v1beta1/canary.go</c>.</summary>
/// <param name="draft">The Rollout.</param>
internal sealed class FlaggerConversion(RolloutDraft draft)
{
    private static readonly string[] RouteFields = ["hosts", "match", "rewrite", "retries", "headers", "timeout", "corsPolicy"];

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary>Makes it.</summary>
    public void Convert()
    {
        var target = Target();
        draft.TakeSeconds(draft.From, "progressDeadlineSeconds", "progressDeadline");
        if (draft.From.Flag("suspend") == true)
            draft.Spec["paused"] = true;
        if (draft.From.Object("autoscalerRef") is { } autoscaler)
            draft.Note(autoscaler.Path, $"let {autoscaler.Text("kind")} {autoscaler.Text("name")} scale {{apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: {draft.Source.Name}}}, and delete the one that Flagger made (-primary)");
        if (draft.From.Flag("skipAnalysis") == true)
            draft.Note("spec.skipAnalysis", "kubectl rollouts promote --full goes on without analysis, for one version");
        if (draft.From.Flag("revertOnDeletion") is not null)
            draft.Note("spec.revertOnDeletion", "deleting a Rollout always gives traffic, and the pods of a Deployment, back");
        Traffic(target);
        if ((draft.From.Object("analysis") ?? draft.From.Object("canaryAnalysis")) is { } analysis)
            Analysis(analysis);
        draft.Note("", $"Flagger runs a copy, Deployment {target}-primary, and has scaled {target} down: scale {target} up to the same number and delete the Canary before you apply the Rollout");
    }

    private string Target()
    {
        if (draft.From.Object("targetRef") is not { } target)
            throw draft.From.Wrong("targetRef", "object");
        target.Node("apiVersion");
        var (kind, name) = (target.Text("kind"), target.Text("name") ?? draft.Source.Name);
        if (kind != "Deployment")
            draft.Note(target.PathOf("kind"), $"{kind} cannot be taken over: a Rollout takes a Deployment");
        draft.Spec["workloadRef"] = new JsonObject { ["kind"] = "Deployment", ["name"] = name };
        return name;
    }

    private void Traffic(string target)
    {
        var provider = draft.From.Text("provider");
        if (draft.From.Object("service") is not { } service)
            return;
        var name = service.Text("name") ?? target;
        foreach (var field in new[] { "port", "portName", "targetPort", "portDiscovery" })
            service.Node(field);
        var byGateway = service.Node("gatewayRefs") is not null || provider?.StartsWith("gatewayapi:", StringComparison.Ordinal) == true;
        draft.Split(name, byGateway ? [("HTTPRoute", name)] : []);
        if (!byGateway)
        {
            draft.Note("spec.provider", $"{provider ?? "the provider that Flagger was installed with"} is not among what Rollouts split traffic by: put an HTTPRoute or GRPCRoute of the Gateway API before Service {name}, or leave the split to pod counts");
            return;
        }

        foreach (var field in RouteFields)
            service.Node(field);
        draft.Note(service.Path, $"Flagger made Service {name} and HTTPRoute {name}: write both yourself, with one entry for {name} in the route (service.hosts, match, rewrite, retries and headers are fields of the route)");
    }

    private void Analysis(FieldReader analysis)
    {
        var interval = analysis.Text("interval") is { } text ? ForeignText.Duration(text) ?? DefaultInterval : DefaultInterval;
        draft.Spec["analysis"] = new JsonObject { ["interval"] = GatewayDuration.Format(interval) };
        if (analysis.Number("threshold") is { } threshold)
            draft.Note(analysis.PathOf("threshold"), FormattableString.Invariant($"{threshold} failed looks are not counted together: the error rate is judged by all requests so far, and each check says by itself how often it has to fail (failures, docs/checks.md)"));
        if (analysis.Number("iterations") is { } iterations)
            Iterate(analysis, interval * iterations);
        else
            Weigh(analysis, interval);
        foreach (var metric in analysis.Objects("metrics"))
            Metric(metric);
        foreach (var webhook in analysis.Objects("webhooks"))
            Webhook(webhook);
        if (analysis.Node("alerts") is not null)
            draft.Note(analysis.PathOf("alerts"), "who runs the controller names sinks for all Rollouts (docs/notifications.md)");
    }

    private void Weigh(FieldReader analysis, TimeSpan interval)
    {
        var (max, step) = ((int)(analysis.Number("maxWeight") ?? 100), (int)(analysis.Number("stepWeight") ?? 0));
        if (analysis.Node("stepWeights") is JsonArray weights)
            draft.Steps.AddRange(weights.Select(weight => new DraftStep((int)weight!) { Hold = interval }));
        else if (step > 0)
            draft.Steps.AddRange(Enumerable.Range(1, max / step).Select(number => new DraftStep(number * step) { Hold = interval }));
        if (analysis.Node("stepWeightPromotion") is not null)
            draft.Note(analysis.PathOf("stepWeightPromotion"), "the version that was tried keeps its pods and its traffic: nothing is moved for a second time");
    }

    /// <summary>A/B testing sends requests with certain headers; blue/green none at all.</summary>
    private void Iterate(FieldReader analysis, TimeSpan length)
    {
        if (analysis.Node("match") is JsonArray match && draft.Spec["traffic"] is JsonObject { } traffic && traffic["routes"] is not null)
        {
            var headers = match.OfType<JsonObject>().SelectMany(one => one["headers"] as JsonObject ?? []).Where(header => header.Value is JsonObject { } value && value["exact"] is not null)
                .Select(header => new JsonObject { ["name"] = header.Key, ["value"] = (string?)header.Value!["exact"] }).ToList();
            if (headers.Count > 0)
            {
                traffic["match"] = new JsonObject { ["headers"] = new JsonArray([.. headers]) };
                draft.Steps.Add(new DraftStep(0) { Hold = length });
                draft.Steps.Add(new DraftStep(100));
                draft.Note(analysis.PathOf("match"), "all headers have to be there at once, each with exactly its value; regular expressions and cookies have no counterpart");
                return;
            }
        }

        draft.Steps.Add(new DraftStep(100) { Hold = length });
        draft.Note(analysis.PathOf("iterations"), "the new version is judged with all the traffic, and goes back when it fails: write smaller steps before it where that is too much");
    }

    private void Metric(FieldReader metric)
    {
        var name = metric.Text("name");
        foreach (var field in new[] { "interval", "templateRef", "templateVariables", "query", "threshold" })
            metric.Node(field);
        var range = metric.Object("thresholdRange");
        var (min, max) = (range?.Number("min"), range?.Number("max"));
        var errors = ((JsonObject)draft.Spec["analysis"]!)["errorRate"];
        if (name == "request-success-rate" && errors is null && min is < 100)
            draft.Spec["analysis"]!["errorRate"] = new JsonObject { ["max"] = ForeignText.Percent(100 - min.Value) };
        else if (name == "request-duration" && max is > 0)
            draft.Checks.Add((JsonNode)new JsonObject { ["name"] = "request-duration", ["latency"] = new JsonObject { ["max"] = "1%", ["slowerThan"] = GatewayDuration.Format(TimeSpan.FromMilliseconds(max.Value)) } });
        else
            draft.Note(metric.Path, $"{name} is not converted: write its query as a check with query (docs/checks.md)");
    }

    private void Webhook(FieldReader webhook)
    {
        var name = webhook.Text("name");
        foreach (var field in new[] { "url", "timeout", "metadata" })
            webhook.Node(field);
        draft.Note(webhook.Path, webhook.Text("type") switch
        {
            "confirm-rollout" or "pre-rollout" => $"{name}: write it as a gate with a hook or a job (docs/checks.md); who runs the controller sets its address up",
            "confirm-promotion" or "confirm-traffic-increase" => $"{name}: write pause: true at the step that is to wait, or a check with a hook",
            "rollback" => $"{name}: write it as a check with a hook that answers rollback, or use kubectl rollouts abort",
            "event" or "post-rollout" => $"{name}: who runs the controller names sinks for all Rollouts (docs/notifications.md)",
            _ => $"{name}: requests for a test have to come from elsewhere; what it finds out can be a check with a job or a hook (docs/checks.md)",
        });
    }
}
