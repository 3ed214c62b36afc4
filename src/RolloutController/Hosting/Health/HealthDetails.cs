using System.Text.Json.Serialization;
using RolloutController.Control.Health;

namespace RolloutController.Hosting.Health;

/// <summary>The body of <c>/health/detailed</c>.</summary>
/// <param name="Version">The version that runs.</param>
/// <param name="Revision">The commit that it was built from; may be empty.</param>
/// <param name="StartedAt">When the host was put together.</param>
/// <param name="UptimeSeconds">Since then.</param>
/// <param name="Live">Whether all live checks hold.</param>
/// <param name="Ready">Whether all checks hold.</param>
/// <param name="LiveChecks">The live checks.</param>
/// <param name="ReadyChecks">The further ones.</param>
/// <param name="Details">What the parts say beside, by name.</param>
internal sealed record HealthDetails(
    string Version,
    string Revision,
    DateTimeOffset StartedAt,
    double UptimeSeconds,
    bool Live,
    bool Ready,
    IReadOnlyList<HealthCheck> LiveChecks,
    IReadOnlyList<HealthCheck> ReadyChecks,
    IReadOnlyDictionary<string, string> Details);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(HealthDetails))]
internal sealed partial class HealthJson : JsonSerializerContext;
