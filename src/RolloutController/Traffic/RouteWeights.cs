using System.Text.Json.Nodes;
using RolloutController.Api;
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
    /// <param name="match">The requests that the canary gets at any weight; null for none.</param>
    public static RouteReading Read(GatewayRoute route, string service, string canaryService, MatchSpec? match = null)
    {
        var (rules, matched) = Rules(route, service, canaryService, match);
        if (rules.Count == 0 && !matched.Exist)
            return new RouteReading.NotNamed(NotNamed(route, service));
        var isWeighted = rules.Any(rule => rule.Splits.Any(split => split.CanaryWeight is not null));
        if (!isWeighted && !matched.Exist)
            return new RouteReading.AtRest();
        if (!isWeighted && matched.AreFor(rules))
            return new RouteReading.Matched();

        var share = Share(rules);
        return share.HighestPercent > 0 && rules.All(rule => rule.IsAt(share.HighestPercent)) && (match is null || matched.AreFor(rules))
            ? new RouteReading.Rolling(share.HighestPercent)
            : new RouteReading.Mixed(share, $"{route.Title} does not hold one planned split, so it was edited by someone else: "
                + string.Join("; ", rules.Select(rule => $"{rule} has {rule.Weights}")) + ".")
            {
                HasMatchedRules = matched.Exist,
            };
    }

    /// <summary>Plans the one write that takes a route to a weight; only rules that differ are in it.</summary>
    /// <param name="route">The route.</param>
    /// <param name="service">The user's Service, in the route's namespace.</param>
    /// <param name="canaryService">The controller's own Service, in the same namespace.</param>
    /// <param name="weight">The canary's percentage, 1 to 100; 0 restores what the user wrote and is always possible.</param>
    /// <param name="stepWeights">The percentages of all steps, 0 to 100, which a remedy in an error is to serve.</param>
    /// <param name="match">The requests that the canary gets at any weight above 0; null for none.</param>
    public static RoutePlan Plan(
        GatewayRoute route, string service, string canaryService, int weight, IReadOnlyList<int> stepWeights, MatchSpec? match = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, 100);

        var (rules, matched) = Rules(route, service, canaryService, match);
        if (weight > 0 && Problems(route, service, rules, matched, [weight], stepWeights) is [_, ..] problems)
            return new RoutePlan.Impossible(string.Join(" ", problems));
        return Plan(route, rules, matched, weight, weight > 0 && match is not null);
    }

    /// <summary>Plans the one write that has a route send matched requests to the canary, and no others.</summary>
    /// <param name="route">The route.</param>
    /// <param name="service">The user's Service, in the route's namespace.</param>
    /// <param name="canaryService">The controller's own Service, in the same namespace.</param>
    /// <param name="match">The requests.</param>
    public static RoutePlan PlanMatched(GatewayRoute route, string service, string canaryService, MatchSpec match)
    {
        var (rules, matched) = Rules(route, service, canaryService, match);
        return Problems(route, service, rules, matched, [], []) is [_, ..] problems
            ? new RoutePlan.Impossible(string.Join(" ", problems))
            : Plan(route, rules, matched, 0, isMatched: true);
    }

    /// <summary>Tells, before anything moves, what would stop a rollout in a route that is at rest.</summary>
    /// <param name="route">The route.</param>
    /// <param name="service">The user's Service, in the route's namespace.</param>
    /// <param name="canaryService">The controller's own Service, which nobody else is to name.</param>
    /// <param name="stepWeights">The percentages of all steps, 0 to 100.</param>
    /// <param name="match">The requests that the canary is to get at any weight; null for none.</param>
    /// <returns>One message for each problem; none when the route can be split at every step.</returns>
    public static IReadOnlyList<string> Check(GatewayRoute route, string service, string canaryService, IReadOnlyList<int> stepWeights, MatchSpec? match = null)
    {
        var home = route.Metadata.Namespace;
        var (rules, matched) = Rules(route, service, canaryService, match);
        var refs = route.Spec.Items("rules").SelectMany(rule => rule.Items("backendRefs")).Select(entry => new BackendRef(entry)).ToList();

        var problems = Problems(route, service, rules, matched, stepWeights, stepWeights);
        if (refs.Find(entry => entry.IsService && entry.Name == service && !entry.Names(service, home)) is { } foreign)
            problems.Add($"{route.Title} names Service {foreign.Namespace}/{service}, which a Rollout in {home} cannot move: "
                + $"route to {home}/{service}, or give one of the two Services another name.");
        if (refs.Exists(entry => entry.Names(canaryService, home)))
            problems.Add($"{route.Title} names Service {canaryService} at rest, a name that the controller keeps for itself: remove those backendRefs.");
        return problems;
    }

    private static (IReadOnlyList<RouteRule> Rules, MatchedRules Matched) Rules(GatewayRoute route, string service, string canaryService, MatchSpec? match)
    {
        var services = new ServicePair(route.Metadata.Namespace, service, canaryService);
        var matched = new MatchedRules(route, services, match);
        return (RouteRule.Read(route, services, matched), matched);
    }

    private static List<string> Problems(
        GatewayRoute route, string service, IReadOnlyList<RouteRule> rules, MatchedRules matched, IReadOnlyList<int> asked, IReadOnlyList<int> stepWeights)
    {
        if (rules.Count == 0)
            return [NotNamed(route, service)];
        if (rules.All(rule => rule.Splits.All(split => split.Sum == 0)))
            return [$"{route.Title} gives Service {service} weight 0 in every rule, so the canary could have no traffic either: give it weight."];
        return [.. rules.SelectMany(rule => RouteProblems.Of(rule, asked, stepWeights)).Concat(matched.Problems(rules)).Select(problem => $"{route.Title}, {problem}")];
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

    private static RoutePlan Plan(GatewayRoute route, IReadOnlyList<RouteRule> rules, MatchedRules matched, int weight, bool isMatched)
    {
        var changes = rules.Where(rule => !rule.IsAt(weight))
            .Select(rule => new JsonObject { ["op"] = "replace", ["path"] = $"/spec/rules/{rule.Index}/backendRefs", ["value"] = rule.At(weight) }).ToList();
        if (isMatched ? !matched.AreFor(rules) : matched.Exist)
            changes.AddRange(matched.Rewrite(isMatched ? rules : []));
        return changes.Count == 0 ? new RoutePlan.Unchanged() : new RoutePlan.Change(Write(route, changes));
    }

    // A rule's index holds for this version of the route only, so the patch claims that version: for another the API answers 409.
    private static Patch Write(GatewayRoute route, IEnumerable<JsonObject> changes) => Patch.Json(new JsonArray(
    [
        new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = route.Metadata.ResourceVersion },
        .. changes,
    ]));
}
