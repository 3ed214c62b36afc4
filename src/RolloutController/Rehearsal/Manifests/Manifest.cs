using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Manifests;

/// <summary>An object that a user wrote, and where.</summary>
/// <param name="Where">The file, and the document in it where there are several.</param>
/// <param name="Json">The object.</param>
public sealed record Manifest(string Where, JsonObject Json)
{
    /// <summary>Its group and version.</summary>
    public string ApiVersion => (string?)Json["apiVersion"] ?? "";

    /// <summary>Its kind.</summary>
    public string Kind => (string?)Json["kind"] ?? "";

    /// <summary>Its name.</summary>
    public string Name => (string?)Json["metadata"]?["name"] ?? "";

    /// <summary>Its namespace; empty where it names none.</summary>
    public string Namespace => (string?)Json["metadata"]?["namespace"] ?? "";

    /// <summary>Whether it is a Rollout.</summary>
    public bool IsRollout => Kind == "Rollout" && ApiVersion.StartsWith("rollouts.dev/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}
