using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Gateways;

namespace RolloutController.Rehearsal.Requests;

/// <summary>One place that requests of a stream go to.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Port">The port that the route names; 0 for none.</param>
/// <param name="Share">The share of the stream, 0 to 1.</param>
internal sealed record TrafficTarget(ObjectKey Service, int Port, double Share);

/// <summary>Where the requests of a stream go by the routes in effect.</summary>
internal static class TrafficSplit
{
    /// <summary>
    /// The targets. Their shares add up to 1, or less where a rule has backends that are none of the stream's. What no route carries, and
    /// what a rule has without any weight, goes to a Service in vain; it stands here with the name of none.
    /// </summary>
    public static IReadOnlyList<TrafficTarget> Of(RequestStream stream, IReadOnlyList<RouteInEffect> routes)
    {
        if (stream.Routes.Count == 0)
            return [new TrafficTarget(stream.Service, 0, 1)];
        return
        [
            .. stream.Routes
                .SelectMany(name => Of(stream, routes.FirstOrDefault(route => route.Plural == name.Plural && route.Key == name.Key), 1.0 / stream.Routes.Count))
                .GroupBy(target => (target.Service, target.Port))
                .Select(group => new TrafficTarget(group.Key.Service, group.Key.Port, group.Sum(target => target.Share))),
        ];
    }

    private static IEnumerable<TrafficTarget> Of(RequestStream stream, RouteInEffect? route, double share)
    {
        var matched = route?.HeaderRules.Where(rule => rule.All(backend => backend.Service == stream.CanaryService)).ToList() ?? [];
        var rules = route?.Rules.Concat(route.HeaderRules.Except(matched)).Where(rule => rule.Any(backend => stream.Knows(backend.Service))).ToList() ?? [];
        var ofMatched = matched.Count == 0 ? 0 : share * stream.MatchedShare;
        return Evenly(stream, matched, ofMatched).Concat(rules.Count == 0 ? [Nowhere(share - ofMatched)] : Evenly(stream, rules, share - ofMatched));
    }

    private static IEnumerable<TrafficTarget> Evenly(RequestStream stream, List<IReadOnlyList<RouteBackend>> rules, double share) =>
        rules.SelectMany(rule => Of(stream, rule, share / rules.Count));

    private static IEnumerable<TrafficTarget> Of(RequestStream stream, IReadOnlyList<RouteBackend> rule, double share)
    {
        var sum = rule.Sum(backend => (double)backend.Weight);
        return sum == 0 ? [Nowhere(share)] : rule
            .Where(backend => stream.Knows(backend.Service) && backend.Weight > 0)
            .Select(backend => new TrafficTarget(backend.Service!.Value, backend.Port, share * backend.Weight / sum));
    }

    private static TrafficTarget Nowhere(double share) => new(new ObjectKey("", ""), 0, share);
}
