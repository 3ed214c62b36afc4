using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>The lines that a version logs.</summary>
public sealed record LogsCheckSpec
{
    /// <summary>The provider's name; null for the operator's default provider of logs.</summary>
    public string? Provider { get; init; }

    /// <summary>The LogQL selector of the version's log streams.</summary>
    public string Streams { get; init => field = value ?? ""; } = "";

    /// <summary>The LogQL pipeline that picks the lines that count; null counts all.</summary>
    public string? Lines { get; init; }

    /// <summary>How far back each look counts.</summary>
    public TimeSpan Over { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the value is.</summary>
    public LogsValue Value { get; init; }
}

/// <summary>What is made of log lines.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LogsValue>))]
public enum LogsValue
{
    /// <summary>How many lines were picked.</summary>
    Count,

    /// <summary>How many percent of all lines were picked.</summary>
    Percent,
}

/// <summary>A question to an endpoint that the operator set up.</summary>
public sealed record HookCheckSpec
{
    /// <summary>The endpoint's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>What is told to it beside the rollout.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}
