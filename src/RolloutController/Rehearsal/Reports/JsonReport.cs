using System.Text.Json;
using System.Text.Json.Serialization;
using RolloutController.Api;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Reports;

/// <summary>Rehearsals as JSON for programs: an array, durations as the Gateway API writes them, such as <c>5m13s</c>.</summary>
internal static class JsonReport
{
    /// <summary>Writes rehearsals.</summary>
    public static void Write(IReadOnlyList<RehearsalResult> results, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(results, JsonReportContext.Default.IReadOnlyListRehearsalResult));
}

/// <summary>How rehearsals are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, Converters = [typeof(GatewayDurationConverter)])]
[JsonSerializable(typeof(IReadOnlyList<RehearsalResult>))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
