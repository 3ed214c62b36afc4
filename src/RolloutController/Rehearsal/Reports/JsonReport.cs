using System.Text.Json;
using System.Text.Json.Serialization;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Reports;

/// <summary>Rehearsals as JSON for programs: an array, durations in the form <c>hh:mm:ss</c>.</summary>
internal static class JsonReport
{
    /// <summary>Writes rehearsals.</summary>
    public static void Write(IReadOnlyList<RehearsalResult> results, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(results, JsonReportContext.Default.IReadOnlyListRehearsalResult));
}

/// <summary>How rehearsals are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<RehearsalResult>))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
