using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>Gauges of a version's pods: memory, CPU, connections, the length of a queue.</summary>
public sealed record MetricCheckSpec
{
    /// <summary>The PromQL selector of what is measured.</summary>
    public string Selector { get; init => field = value ?? ""; } = "";

    /// <summary>The PromQL selector of what it is divided by, pod by pod, for a value in percent; null where it stands for itself.</summary>
    public string? Per { get; init; }

    /// <summary>What becomes of several values.</summary>
    public Reduction Reduce { get; init; }
}

/// <summary>What becomes of several values.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Reduction>))]
public enum Reduction
{
    /// <summary>The highest counts.</summary>
    Max,

    /// <summary>The lowest counts.</summary>
    Min,

    /// <summary>The average counts.</summary>
    Average,

    /// <summary>They are added up.</summary>
    Sum,
}

/// <summary>A PromQL expression that yields one value.</summary>
public sealed record QueryCheckSpec
{
    /// <summary>The expression.</summary>
    public string Expression { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it names one of the two versions, which has to be there to be asked about.</summary>
    [JsonIgnore]
    public bool NamesVersion => ((string[])["$service", "$revision", "$pods", "$addresses"]).Any(variable => Expression.Contains(variable, StringComparison.Ordinal));
}
