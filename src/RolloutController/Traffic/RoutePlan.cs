using RolloutController.Kubernetes;

namespace RolloutController.Traffic;

/// <summary>What takes a route to a weight.</summary>
public abstract record RoutePlan
{
    private RoutePlan()
    {
    }

    /// <summary>Nothing: it is there.</summary>
    public sealed record Unchanged : RoutePlan;

    /// <summary>One write.</summary>
    /// <param name="Patch">
    /// A JSON patch that claims the version of the route that it was planned from: for any other the API answers 409, and the route is to
    /// be read anew. (A failed <c>test</c> operation would be answered as 422, like an invalid object.)
    /// </param>
    public sealed record Change(Patch Patch) : RoutePlan;

    /// <summary>The weight cannot be written into this route. Never the answer to a restore.</summary>
    /// <param name="Message">Which rule, why, and what to write instead.</param>
    public sealed record Impossible(string Message) : RoutePlan;
}
