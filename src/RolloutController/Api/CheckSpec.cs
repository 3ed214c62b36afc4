using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>One more thing that a version is judged by. Exactly one of the kinds (<see cref="Http"/>, <see cref="Metric"/>, …) is written.</summary>
public sealed record CheckSpec
{
    /// <summary>Its name, in verdicts and in status.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The time between two looks; null for the one of the analysis.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How many looks in a row have to be critical before the version is rolled back.</summary>
    public int Failures { get; init; } = 1;

    /// <summary>For how long they have to be critical.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How many looks a step needs to be passed.</summary>
    public int MinSamples { get; init; } = 1;

    /// <summary>What is done while nothing is known.</summary>
    public NoDataAction OnNoData { get; init; }

    /// <summary>What of the measured value holds the rollout and is told; null for none.</summary>
    public LimitSpec? Warning { get; init; }

    /// <summary>What of the measured value rolls back; null for none.</summary>
    public LimitSpec? Critical { get; init; }

    /// <summary>How much higher than the stable version's the value may be, as a percent string; null where it is not compared.</summary>
    public string? MaxIncrease { get; init; }

    /// <summary>Requests to the version's own pods.</summary>
    public HttpCheckSpec? Http { get; init; }

    /// <summary>A value that the metrics provider has of the version.</summary>
    public MetricCheckSpec? Metric { get; init; }

    /// <summary>A value that the metrics provider reckons.</summary>
    public QueryCheckSpec? Query { get; init; }

    /// <summary>The share of some requests that fail.</summary>
    public ErrorRateSpec? ErrorRate { get; init; }

    /// <summary>The share of requests that take too long.</summary>
    public LatencyCheckSpec? Latency { get; init; }

    /// <summary>The lines that the version logs.</summary>
    public LogsCheckSpec? Logs { get; init; }

    /// <summary>A question to an endpoint that the operator set up.</summary>
    public HookCheckSpec? Hook { get; init; }

    /// <summary>A Job that has to succeed, once before any traffic or once at each step.</summary>
    public JobCheckSpec? Job { get; init; }

    /// <summary>Whether it counts requests, and is judged by the evidence of all looks rather than by each.</summary>
    [JsonIgnore]
    public bool IsCounted => ErrorRate is not null || Latency is not null;

    /// <summary>Whether it asks about the version's pods, and so needs some.</summary>
    [JsonIgnore]
    public bool AsksPods => Http is not null || Metric is not null || Logs is not null || Query is { NamesVersion: true } || Job is { AfterPods: true };
}

/// <summary>A Job that has to succeed.</summary>
public sealed record JobCheckSpec
{
    /// <summary>The pod template, raw, as in a Job.</summary>
    public JsonElement Template { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often it is tried again when it fails.</summary>
    public int Retries { get; init; }

    /// <summary>Whether, as a gate, it runs when the first pods of the version are up, instead of before there are any.</summary>
    public bool AfterPods { get; init; }
}

/// <summary>What is done while nothing is known: no data, old data, or nobody who tells.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NoDataAction>))]
public enum NoDataAction
{
    /// <summary>The weight stays as it is.</summary>
    Hold,

    /// <summary>After five minutes the version is rolled back.</summary>
    Rollback,

    /// <summary>The check says nothing.</summary>
    Ignore,
}

/// <summary>What a value must not be.</summary>
public sealed record LimitSpec
{
    /// <summary>The highest value that is fine; null for none.</summary>
    public Number? Above { get; init; }

    /// <summary>The lowest value that is fine; null for none.</summary>
    public Number? Below { get; init; }
}

/// <summary>A number that may have decimals: whole ones are written as they are, others in quotes, because the API takes no fractions.</summary>
/// <param name="Value">The number.</param>
[JsonConverter(typeof(NumberConverter))]
public readonly record struct Number(decimal Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads a whole number, or any in quotes.</summary>
internal sealed class NumberConverter : JsonConverter<Number>
{
    public override Number Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return new Number(reader.GetDecimal());
        return decimal.TryParse(reader.GetString(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? new Number(value)
            : throw new JsonException("this is no number; write one such as 90 or \"0.5\"");
    }

    public override void Write(Utf8JsonWriter writer, Number value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>A whole number or a name.</summary>
/// <param name="Text">As it was written.</param>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString(string Text)
{
    /// <summary>The number; null where it is a name.</summary>
    public int? Number => int.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Reads a whole number or a text.</summary>
internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(
        reader.TokenType == JsonTokenType.Number ? reader.GetInt32().ToString(CultureInfo.InvariantCulture) : reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}

/// <summary>A request that is sent to each of a version's pods. A Rollout names no address: only the version's own pods are asked.</summary>
public sealed record HttpCheckSpec
{
    /// <summary>The path, with a query where one is needed.</summary>
    public string Path { get; init => field = value ?? "/"; } = "/";

    /// <summary>The port of the pod, by number, or by the name that a container gives it; null for the first one that a container names.</summary>
    public IntOrString? Port { get; init; }

    /// <summary>HTTP or HTTPS; a certificate is not judged, as with the probes of a kubelet.</summary>
    public HttpScheme Scheme { get; init; }

    /// <summary>What the request says in its headers.</summary>
    public IReadOnlyList<HttpHeaderSpec> Headers { get; init => field = value ?? []; } = [];

    /// <summary>The statuses that are fine: numbers, or classes such as 2xx; empty for 2xx.</summary>
    public IReadOnlyList<IntOrString> Status { get; init => field = value ?? []; } = [];

    /// <summary>How long the answer may take.</summary>
    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What the answer has to say in its headers.</summary>
    public IReadOnlyList<HeaderExpectation> ExpectHeaders { get; init => field = value ?? []; } = [];

    /// <summary>What the answer's JSON has to say.</summary>
    public IReadOnlyList<JsonExpectation> ExpectJson { get; init => field = value ?? []; } = [];

    /// <summary>The JSON pointer to a number in the answer that is measured; null where none is.</summary>
    public string? Value { get; init; }
}

/// <summary>The scheme of a probe.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HttpScheme>))]
public enum HttpScheme
{
    /// <summary>Without encryption.</summary>
    HTTP,

    /// <summary>With TLS.</summary>
    HTTPS,
}

/// <summary>A header of a request. Exactly one of <see cref="Value"/> and <see cref="SecretKeyRef"/> is written.</summary>
public sealed record HttpHeaderSpec
{
    /// <summary>The header's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>What it says; null where a Secret tells.</summary>
    public string? Value { get; init; }

    /// <summary>The Secret that tells; null where it stands here.</summary>
    public SecretKeyReference? SecretKeyRef { get; init; }
}

/// <summary>A key of a Secret in the Rollout's namespace.</summary>
public sealed record SecretKeyReference
{
    /// <summary>The name of the Secret.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The key.</summary>
    public string Key { get; init => field = value ?? ""; } = "";
}

/// <summary>What an answer has to say in a header.</summary>
public sealed record HeaderExpectation
{
    /// <summary>The header's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>What it has to say; null where it only has to be there.</summary>
    [JsonPropertyName("equals")]
    public string? Expected { get; init; }
}

/// <summary>What an answer's JSON has to say at a place.</summary>
public sealed record JsonExpectation
{
    /// <summary>The place, as a JSON pointer (RFC 6901).</summary>
    public string Pointer { get; init => field = value ?? ""; } = "";

    /// <summary>What has to stand there: a text, number, true or false as text; null where anything but null may.</summary>
    [JsonPropertyName("equals")]
    public string? Expected { get; init; }
}
