using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Traffic;

/// <summary>
/// Reads and plans the split between a Service and its canary Service in a route. Pure: what the split is and what it was before
/// is read from the route alone, so a plan can be made anew at any time, after a crash or after anybody's edit, and ends in the
/// same place.
/// </summary>
public static class RouteWeights
{
    /// <summary>Reads the split that a route holds now.</summary>
    /// <param name="route">The route.</param>
    /// <param name="service">The user's Service, in the route's namespace.</param>
    /// <param name="canaryService">The controller's own Service, in the same namespace.</param>
    public static RouteReading Read(GatewayRoute route, string service, string canaryService)
    {
        var rules = RouteRule.Read(route, new ServicePair(route.Metadata.Namespace, service, canaryService));
        if (rules.Count == 0)
            return new RouteReading.NotNamed(NotNamed(route, service));
        if (rules.All(rule => rule.Splits.All(split => split.CanaryWeight is null)))
            return new RouteReading.AtRest();

        var share = Share(rules);
        return share.HighestPercent > 0 && rules.All(rule => rule.IsAt(share.HighestPercent))
            ? new RouteReading.Rolling(share.HighestPercent)
            : new RouteReading.Mixed(share, $"{route.Title} does not hold one planned split, so it was edited by someone else: "
                + string.Join("; ", rules.Select(rule => $"{rule} has {rule.Weights}")) + ".");
    }

    /// <summary>Plans the one write that takes a route to a weight; only rules that differ are in it.</summary>
    /// <param name="route">The route.</param>
    /// <param name="service">The user's Service, in the route's namespace.</param>
    /// <param name="canaryService">The controller's own Service, in the same namespace.</param>
    /// <param name="weight">The canary's percentage, 1 to 100; 0 restores what the user wrote and is always possible.</param>
    /// <param name="stepWeights">The percentages of all steps, 0 to 100, which a remedy in an error is to serve.</param>
    public static RoutePlan Plan(GatewayRoute route, string service, string canaryService, int weight, IReadOnlyList<int> stepWeights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, 100);

        var rules = RouteRule.Read(route, new ServicePair(route.Metadata.Namespace, service, canaryService));
        if (weight > 0 && Problems(route, service, rules, [weight], stepWeights) is [_, ..] problems)
            return new RoutePlan.Impossible(string.Join(" ", problems));

        var touched = rules.Where(rule => !rule.IsAt(weight)).ToList();
        return touched.Count == 0 ? new RoutePlan.Unchanged() : new RoutePlan.Change(Write(route, touched, weight));
    }

    /// <summary>Tells, before anything moves, what would stop a rollout in a route that is at rest.</summary>
    /// <param name="route">The route.</param>
    /// <param name="service">The user's Service, in the route's namespace.</param>
    /// <param name="canaryService">The controller's own Service, which nobody else is to name.</param>
    /// <param name="stepWeights">The percentages of all steps, 0 to 100.</param>
    /// <returns>One message for each problem; none when the route can be split at every step.</returns>
    public static IReadOnlyList<string> Check(GatewayRoute route, string service, string canaryService, IReadOnlyList<int> stepWeights)
    {
        var home = route.Metadata.Namespace;
        var rules = RouteRule.Read(route, new ServicePair(home, service, canaryService));
        var refs = route.Spec.Items("rules").SelectMany(rule => rule.Items("backendRefs")).Select(entry => new BackendRef(entry)).ToList();

        var problems = Problems(route, service, rules, stepWeights, stepWeights);
        if (refs.Find(entry => entry.IsService && entry.Name == service && !entry.Names(service, home)) is { } foreign)
            problems.Add($"{route.Title} names Service {foreign.Namespace}/{service}, which a Rollout in {home} cannot move: "
                + $"route to {home}/{service}, or give one of the two Services another name.");
        if (refs.Exists(entry => entry.Names(canaryService, home)))
            problems.Add($"{route.Title} names Service {canaryService} at rest, a name that the controller keeps for itself: remove those backendRefs.");
        return problems;
    }

    private static List<string> Problems(
        GatewayRoute route, string service, IReadOnlyList<RouteRule> rules, IReadOnlyList<int> asked, IReadOnlyList<int> stepWeights)
    {
        if (rules.Count == 0)
            return [NotNamed(route, service)];
        if (rules.All(rule => rule.Splits.All(split => split.Sum == 0)))
            return [$"{route.Title} gives Service {service} weight 0 in every rule, so the canary could have no traffic either: give it weight."];
        return [.. rules.SelectMany(rule => RouteProblems.Of(rule, asked, stepWeights)).Select(problem => $"{route.Title}, {problem}")];
    }

    private static string NotNamed(GatewayRoute route, string service) =>
        $"{route.Title} sends nothing to Service {route.Metadata.Namespace}/{service}: name it in spec.rules[].backendRefs, "
        + "or take the route out of the Rollout's spec.traffic.routes.";

    private static CanaryShare Share(IReadOnlyList<RouteRule> rules)
    {
        var shares = rules.SelectMany(rule => rule.Splits).Where(split => split.Sum > 0)
            .Select(split => 100m * (split.CanaryWeight ?? 0) / split.Sum)
            .DefaultIfEmpty(0).ToList();
        return new CanaryShare((int)Math.Floor(shares.Min()), (int)Math.Ceiling(shares.Max()));
    }

    // A rule's index holds for this version of the route only, so the patch claims that version: for another the API answers 409.
    private static Patch Write(GatewayRoute route, IEnumerable<RouteRule> touched, int weight) => Patch.Json(
    [
        new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = route.Metadata.ResourceVersion },
        .. touched.Select(rule => new JsonObject
        {
            ["op"] = "replace", ["path"] = $"/spec/rules/{rule.Index}/backendRefs", ["value"] = rule.At(weight),
        }),
    ]);
}
