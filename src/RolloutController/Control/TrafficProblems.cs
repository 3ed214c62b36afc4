using System.Text.Json;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;
using RolloutController.Traffic;

namespace RolloutController.Control;

/// <summary>What stands against a rollout in the Services and routes that carry its traffic, found before anything moves.</summary>
internal static class TrafficProblems
{
    /// <summary>Finds the problems.</summary>
    /// <param name="caches">What is known of the cluster.</param>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="traffic">The traffic that it asks for.</param>
    /// <param name="asked">Its template; null where there is none.</param>
    /// <param name="atRest">Whether the objects have to be in their form at rest.</param>
    public static IEnumerable<Problem> Of(Caches caches, RolloutObject rollout, TrafficSpec traffic, AskedTemplate? asked, bool atRest)
    {
        var key = new ObjectKey(rollout.Metadata.Namespace, traffic.Service);
        if (caches.Services.Get(key) is not { } service)
            return [new Problem(EventReason.ServiceNotFound, "spec.traffic.service", $"there is no Service {traffic.Service} in namespace {key.Namespace}; create it, or name another")];
        return OfService(service, asked)
            .Concat(OfCanaryService(caches, rollout, traffic))
            .Concat(traffic.Routes.SelectMany((route, index) => OfRoute(caches, rollout, traffic, route, index, atRest)));
    }

    private static IEnumerable<Problem> OfService(Service service, AskedTemplate? asked)
    {
        const string Field = "spec.traffic.service";
        if (service.Spec.Type == "ExternalName" || service.Spec.Selector.Count == 0)
            yield return new Problem(EventReason.ServiceSelectsNothing, Field, $"Service {service.Metadata.Name} selects no pods; give it a selector that matches the template's labels");
        else if (asked is not null && Labels(asked) is var labels
            && service.Spec.Selector.FirstOrDefault(pair => pair.Key != Names.RevisionLabel && labels.GetValueOrDefault(pair.Key) != pair.Value) is { Key: not null } other)
        {
            yield return new Problem(
                EventReason.ServiceSelectsOtherPods, Field,
                $"Service {service.Metadata.Name} selects {other.Key}={other.Value}, which the pods of {asked.Field} do not have; add the label, or name another Service");
        }
    }

    private static IEnumerable<Problem> OfCanaryService(Caches caches, RolloutObject rollout, TrafficSpec traffic)
    {
        if (traffic.Routes.Count > 0 && caches.Services.Get(new ObjectKey(rollout.Metadata.Namespace, traffic.CanaryService)) is { } taken
            && taken.Metadata.Controller?.Uid != rollout.Metadata.Uid)
            yield return new Problem(EventReason.CanaryServiceTaken, "spec.traffic.service", $"there is a Service {traffic.CanaryService} already, a name that the controller needs; give it another name");
    }

    private static IEnumerable<Problem> OfRoute(Caches caches, RolloutObject rollout, TrafficSpec traffic, RouteReference reference, int index, bool atRest)
    {
        var field = $"spec.traffic.routes[{index}]";
        var routes = caches.Routes(reference.Kind);
        if (!routes.IsServed)
            return [new Problem(EventReason.RouteKindNotServed, $"{field}.kind", $"the cluster does not serve {reference.Kind} (gateway.networking.k8s.io/v1); install the Gateway API")];
        if (routes.Get(new ObjectKey(rollout.Metadata.Namespace, reference.Name)) is not { } route)
            return [new Problem(EventReason.RouteNotFound, $"{field}.name", $"there is no {reference} in namespace {rollout.Metadata.Namespace}; create it, or name another")];
        if (RouteWeights.Read(route, traffic.Service, traffic.CanaryService, traffic.Match) is RouteReading.NotNamed notNamed)
            return [new Problem(EventReason.RouteDoesNotNameService, field, notNamed.Message)];
        return atRest
            ? RouteWeights.Check(route, traffic.Service, traffic.CanaryService, [.. rollout.Spec.Steps.Select(step => step.Weight)], traffic.Match)
                .Select(message => new Problem(EventReason.RouteCannotBeWeighted, field, message))
            : [];
    }

    private static Dictionary<string, string> Labels(AskedTemplate asked) =>
        asked.Template.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object
            ? labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "")
            : [];
}
