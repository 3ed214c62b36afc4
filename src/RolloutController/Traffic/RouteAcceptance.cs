namespace RolloutController.Traffic;

/// <summary>
/// Whether the gateways have taken up a route as it now is. "Taken up" is what the Gateway API promises of <c>Accepted</c> and
/// <c>ResolvedRefs</c>; routes have no condition that says that proxies serve it already, so a wait belongs behind it.
/// </summary>
public abstract record RouteAcceptance
{
    private RouteAcceptance()
    {
    }

    /// <summary>Every parent has taken up this generation.</summary>
    public sealed record Accepted : RouteAcceptance;

    /// <summary>A parent has not answered for this generation yet.</summary>
    /// <param name="Message">Which parent, and what it has not said.</param>
    public sealed record Pending(string Message) : RouteAcceptance;

    /// <summary>A parent refuses this generation, or none can ever take it up.</summary>
    /// <param name="Message">Which parent, the condition and its reason, or what to write.</param>
    public sealed record Refused(string Message) : RouteAcceptance;

    /// <summary>
    /// Judges the answers of all parents. Several controllers may answer for one parent: one at least has to accept and none to refuse.
    /// </summary>
    public static RouteAcceptance Of(GatewayRoute route)
    {
        var parents = route.Spec.Items("parentRefs").Select(json => ParentReference.Read(json, route.Metadata.Namespace)).ToList();
        if (parents.Count == 0)
            return new Refused($"{route.Title} has no spec.parentRefs, so no gateway takes it up: name the Gateway there.");

        var judged = parents.Select(parent => OfParent(route, parent)).ToList();
        return judged.Find(answer => answer is Refused) ?? judged.Find(answer => answer is Pending) ?? new Accepted();
    }

    private static RouteAcceptance OfParent(GatewayRoute route, ParentReference parent)
    {
        var title = $"{route.Title} at {parent}";
        var judged = (route.Status?.Parents ?? [])
            .Where(status => ParentReference.Read(status.ParentRef, route.Metadata.Namespace) == parent)
            .Select(status => OfController(status, route.Metadata.Generation, title))
            .ToList();
        return judged.Find(answer => answer is Refused)
            ?? judged.Find(answer => answer is Accepted)
            ?? judged.FirstOrDefault()
            ?? new Pending($"{title}: no controller has answered yet.");
    }

    private static RouteAcceptance OfController(RouteParentStatus status, long generation, string title)
    {
        // Refusals come first: a controller that falls back to the last good generation sets PartiallyInvalid and leaves Accepted there.
        // https://gateway-api.sigs.k8s.io/reference/spec/#routeconditiontype
        var (accepted, resolved, partial) = (Find("Accepted"), Find("ResolvedRefs"), Find("PartiallyInvalid"));
        RouteCondition? refusal =
            partial is { Status: "True" } && IsCurrent(partial) ? partial
            : accepted is { Status: "False", Reason: not "Pending" } && IsCurrent(accepted) ? accepted
            : resolved is { Status: "False" } && IsCurrent(resolved) ? resolved
            : null;
        if (refusal is not null)
            return new Refused(Say(title, status, refusal));

        return Missing("Accepted", accepted) ?? Missing("ResolvedRefs", resolved) ?? new Accepted();

        RouteCondition? Find(string type) => status.Conditions?.FirstOrDefault(condition => condition.Type == type);

        bool IsCurrent(RouteCondition condition) => condition.ObservedGeneration >= generation;

        RouteAcceptance? Missing(string type, RouteCondition? condition) => condition switch
        {
            null => new Pending($"{title}: {status.ControllerName} has not set {type} yet."),
            _ when !IsCurrent(condition) => new Pending(
                $"{title}: {status.ControllerName} has set {type} for generation {condition.ObservedGeneration}, not yet for {generation}."),
            { Status: not "True" } => new Pending(Say(title, status, condition)),
            _ => null,
        };
    }

    private static string Say(string title, RouteParentStatus status, RouteCondition condition) =>
        $"{title}: {status.ControllerName} says {condition.Type}={condition.Status}, {condition.Reason}: {condition.Message}";
}
