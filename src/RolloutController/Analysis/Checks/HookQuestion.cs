using System.Text.Json.Serialization;
using RolloutController.Api;

namespace RolloutController.Analysis.Checks;

/// <summary>Whether a version may go on: the question as it is sent.</summary>
public sealed record HookQuestion
{
    /// <summary>The form of the question.</summary>
    public string Version { get; } = "v1";

    /// <summary>When it was asked.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The check that asks.</summary>
    public required string Check { get; init; }

    /// <summary>The namespace of the Rollout.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name of the Rollout.</summary>
    public required string Rollout { get; init; }

    /// <summary>The revision that is rolled out.</summary>
    public required string Revision { get; init; }

    /// <summary>The revision that it replaces.</summary>
    public required string StableRevision { get; init; }

    /// <summary>The stage of the step.</summary>
    public required StepStage Stage { get; init; }

    /// <summary>The percentage of the step.</summary>
    public required int Weight { get; init; }

    /// <summary>What the Rollout tells beside that.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
}

/// <summary>What an endpoint answers.</summary>
internal sealed record HookReply
{
    /// <summary>proceed, hold or rollback.</summary>
    public string? Verdict { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Message { get; init; }
}

/// <summary>Writes questions and reads answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(MomentConverter)])]
[JsonSerializable(typeof(HookQuestion))]
[JsonSerializable(typeof(HookReply))]
internal sealed partial class HookJson : JsonSerializerContext;
