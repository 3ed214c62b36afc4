using System.Text.Json.Serialization;
using RolloutController.Kubernetes;

namespace RolloutController.Traffic;

/// <summary>The kinds of route whose weights can be moved.</summary>
public static class GatewayRoutes
{
    private const string Group = "gateway.networking.k8s.io";

    /// <summary>HTTPRoute.</summary>
    public static ResourceKind<GatewayRoute> Http { get; } =
        new(Group, "v1", "HTTPRoute", "httproutes", GatewayRouteJson.Default.GatewayRoute);

    /// <summary>GRPCRoute.</summary>
    public static ResourceKind<GatewayRoute> Grpc { get; } =
        new(Group, "v1", "GRPCRoute", "grpcroutes", GatewayRouteJson.Default.GatewayRoute);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResourceKind<GatewayRoute>> All => [Http, Grpc];

    /// <summary>Finds a kind of route by its name.</summary>
    /// <param name="kind"><c>HTTPRoute</c> or <c>GRPCRoute</c>.</param>
    /// <exception cref="ArgumentException">It is another kind.</exception>
    public static ResourceKind<GatewayRoute> Of(string kind) => kind switch
    {
        "HTTPRoute" => Http,
        "GRPCRoute" => Grpc,
        _ => throw new ArgumentException($"Routes of kind {kind} cannot be weighted: write HTTPRoute or GRPCRoute.", nameof(kind)),
    };
}

/// <summary>Reads routes without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = ApiDepth.OfObject)]
[JsonSerializable(typeof(GatewayRoute))]
internal sealed partial class GatewayRouteJson : JsonSerializerContext;
