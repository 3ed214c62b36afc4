using System.Text.Json;
using RolloutController.Kubernetes;

namespace RolloutController.Traffic;

/// <summary>
/// An HTTPRoute or GRPCRoute of the Gateway API. Both weigh backends in <c>spec.rules[].backendRefs[]</c> and answer in
/// <c>status.parents[]</c>; whatever else they carry stays as the API sent it.
/// </summary>
public sealed record GatewayRoute : IKubernetesObject
{
    /// <summary>The kind, <c>HTTPRoute</c> or <c>GRPCRoute</c>.</summary>
    public required string Kind { get; init; }

    /// <inheritdoc/>
    public required ObjectMeta Metadata { get; init; }

    /// <summary>The spec as the API sent it; fields that this code has never heard of included.</summary>
    public required JsonElement Spec { get; init; }

    /// <summary>What the gateways answered; null before the first answer.</summary>
    public RouteStatus? Status { get; init; }

    /// <summary>Kind, namespace and name, for messages.</summary>
    internal string Title => $"{Kind} {Metadata.Key}";
}

/// <summary>The status of a route.</summary>
/// <param name="Parents">One entry for every parent and controller; null while there is none.</param>
public sealed record RouteStatus(IReadOnlyList<RouteParentStatus>? Parents);

/// <summary>What one controller says of the route at one parent.</summary>
/// <param name="ParentRef">The parent, as in <c>spec.parentRefs</c>.</param>
/// <param name="ControllerName">The controller, such as <c>example.com/gateway-controller</c>.</param>
/// <param name="Conditions">Its conditions; null while there is none.</param>
public sealed record RouteParentStatus(JsonElement ParentRef, string? ControllerName, IReadOnlyList<RouteCondition>? Conditions);

/// <summary>A condition of a route at a parent.</summary>
/// <param name="Type">What it is about: <c>Accepted</c>, <c>ResolvedRefs</c> or <c>PartiallyInvalid</c>, or a controller's own.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">The machine-readable reason.</param>
/// <param name="Message">The reason for a person.</param>
/// <param name="ObservedGeneration">The generation of the route that the condition was found at.</param>
public sealed record RouteCondition(string Type, string Status, string? Reason, string? Message, long ObservedGeneration);
