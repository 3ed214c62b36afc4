using System.Text.Json;

namespace RolloutController.Traffic;

/// <summary>
/// What a route hangs on: a Gateway, or a Service in a mesh (GAMMA). Two references are equal when they name the same with the
/// defaults of the Gateway API filled in.
/// </summary>
internal sealed record ParentReference(string Group, string Kind, string Namespace, string Name, string? SectionName, int? Port)
{
    /// <summary>Reads a reference as it stands in <c>spec.parentRefs</c> and <c>status.parents</c>.</summary>
    public static ParentReference Read(JsonElement json, string routeNamespace) => new(
        json.Text("group") ?? "gateway.networking.k8s.io",
        json.Text("kind") ?? "Gateway",
        json.Text("namespace") ?? routeNamespace,
        json.Text("name") ?? "",
        json.Text("sectionName"),
        json.Integer("port"));

    /// <summary>Kind, namespace and name, and the listener where one is named.</summary>
    public override string ToString() =>
        $"{Kind} {Namespace}/{Name}{(SectionName is null ? "" : $", section {SectionName}")}{(Port is null ? "" : $", port {Port}")}";
}
