using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>A Rollout that takes the running pods of a Deployment over; the Deployment stays what one edits.</summary>
/// <param name="draft">The Rollout.</param>
/// <param name="manifests">What is beside the Deployment.</param>
internal sealed class DeploymentConversion(RolloutDraft draft, IReadOnlyList<Manifest> manifests)
{
    private static readonly string[] OwnFields = ["selector", "template", "replicas"];

    /// <summary>Makes it.</summary>
    public void Convert()
    {
        var labels = draft.From.Node("template")?["metadata"]?["labels"] as JsonObject ?? [];
        draft.Spec["workloadRef"] = new JsonObject { ["kind"] = "Deployment", ["name"] = draft.Source.Name };
        foreach (var field in OwnFields)
            draft.From.Node(field);
        draft.Take("minReadySeconds", "revisionHistoryLimit");
        draft.TakeSeconds(draft.From, "progressDeadlineSeconds", "progressDeadline");
        if (draft.From.Flag("paused") == true)
            draft.Note("spec.paused", "the Rollout pauses the Deployment by itself, and takes its pods over whether it is paused or not");
        Strategy();
        Traffic(labels);
        Autoscaler();
    }

    private void Strategy()
    {
        if (draft.From.Object("strategy") is not { } strategy)
            return;
        if (strategy.Text("type") == "Recreate")
            draft.Note("spec.strategy.type", "Recreate has no counterpart: two versions always run side by side for a while");
        if (strategy.Object("rollingUpdate") is not { } rolling)
            return;
        foreach (var name in new[] { "maxSurge", "maxUnavailable" })
        {
            if (rolling.Node(name) is { } value)
                draft.Spec[name] = value;
        }
    }

    /// <summary>The Service that selects its pods, and the routes that name the Service.</summary>
    private void Traffic(JsonObject labels)
    {
        var services = Beside("Service").Where(service => service.Json["spec"]?["selector"] is JsonObject { Count: > 0 } selector && selector.All(label => (string?)label.Value == (string?)labels[label.Key])).ToList();
        if (services.Count == 0)
        {
            draft.Note("", "no Service beside it selects its pods, so the split is made with pod counts: give it with its routes by another -f, or write spec.traffic");
            return;
        }

        if (services.Count > 1)
            draft.Note("", $"several Services select its pods ({string.Join(", ", services.Select(service => service.Name))}): spec.traffic.service names the first");
        var routes = Beside("HTTPRoute").Concat(Beside("GRPCRoute")).Where(route => Names(route, services[0].Name)).ToList();
        draft.Split(services[0].Name, routes.Select(route => (route.Kind, route.Name)));
        if (routes.Count == 0)
            draft.Note("", $"no route beside it names Service {services[0].Name}, so the split is made with pod counts");
    }

    private void Autoscaler()
    {
        foreach (var autoscaler in Beside("HorizontalPodAutoscaler").Where(each => each.Json["spec"]?["scaleTargetRef"] is JsonObject target && (string?)target["kind"] == "Deployment" && (string?)target["name"] == draft.Source.Name))
            draft.Note("", $"HorizontalPodAutoscaler {autoscaler.Name} scales the Deployment: let its scaleTargetRef name {{apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: {draft.Source.Name}}}");
    }

    private IEnumerable<Manifest> Beside(string kind) => manifests.Where(manifest => manifest.Kind == kind && manifest.Namespace == draft.Source.Namespace);

    private static bool Names(Manifest route, string service) => route.Json["spec"]?["rules"] is JsonArray rules
        && rules.OfType<JsonObject>().SelectMany(rule => rule["backendRefs"] as JsonArray ?? []).Any(backend => (string?)backend?["name"] == service);
}
