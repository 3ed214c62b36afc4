using RolloutController.Analysis.Checks;
using RolloutController.Api;

namespace RolloutController.Analysis.Metrics;

/// <summary>Measures one value of a version with a metrics provider, and the stable version's beside it.</summary>
public sealed class ValueCheck : ICheck
{
    private readonly IValueReader _canary;
    private readonly IValueReader? _stable;
    private readonly TimeProvider _clock;

    private ValueCheck(IValueReader canary, IValueReader? stable, TimeProvider clock) => (_canary, _stable, _clock) = (canary, stable, clock);

    /// <summary>Measures gauges.</summary>
    /// <param name="provider">Where to read.</param>
    /// <param name="selectors">What to read.</param>
    /// <param name="canary">The version that is judged.</param>
    /// <param name="stable">The version that it is compared with; null where it is not.</param>
    /// <param name="interval">The time between two looks.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="SelectorException">A selector does not suit this rollout; the message says what to write.</exception>
    public static ValueCheck OfGauges(IMetricProvider provider, GaugeSelectors selectors, ArmIdentity canary, ArmIdentity? stable, TimeSpan interval, TimeProvider clock)
    {
        return new(Reader(canary), stable is null ? null : Reader(stable), clock);

        GaugeReader Reader(ArmIdentity arm) => new(provider, selectors, arm, ScrapeAge.Window(interval));
    }

    /// <summary>Measures what an expression yields.</summary>
    /// <param name="provider">Where to ask.</param>
    /// <param name="query">The expression.</param>
    /// <param name="canary">The version that is judged.</param>
    /// <param name="stable">The version that it is compared with; null where it is not.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="SelectorException">The expression does not suit this rollout; the message says what to write.</exception>
    public static ValueCheck OfQuery(IMetricProvider provider, QueryTemplate query, ArmIdentity canary, ArmIdentity? stable, TimeProvider clock) =>
        new(new QueryReader(provider, query, canary), stable is null ? null : new QueryReader(provider, query, stable), clock);

    /// <summary>Counts log lines.</summary>
    /// <param name="provider">Where to ask.</param>
    /// <param name="query">Which lines.</param>
    /// <param name="value">What is made of them.</param>
    /// <param name="canary">The version that is judged.</param>
    /// <param name="stable">The version that it is compared with; null where it is not.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="SelectorException">The selector does not suit this rollout; the message says what to write.</exception>
    public static ValueCheck OfLogs(ILogProvider provider, LogQuery query, LogsValue value, ArmIdentity canary, ArmIdentity? stable, TimeProvider clock) =>
        new(new LogReader(provider, query, value, canary), stable is null ? null : new LogReader(provider, query, value, stable), clock);

    /// <inheritdoc/>
    public async Task<CheckLook> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (value, message) = await _canary.ReadAsync(cancellationToken);
            if (_stable is null)
                return new CheckLook.Measured(_clock.GetUtcNow(), value, null, message);
            var stable = await StableAsync(_stable, cancellationToken);
            var beside = stable is { } other ? $"{CheckNumber.Format(other)} in the stable version" : "the stable version has no value to compare with";
            return new CheckLook.Measured(_clock.GetUtcNow(), value, stable, $"{message}; {beside}");
        }
        catch (CheckException wrong)
        {
            return new CheckLook.Unknown(_clock.GetUtcNow(), wrong.Class, wrong.Message);
        }
    }

    /// <summary>A stable version without pods has no values, and must not keep the one that replaces it from being judged by the other limits.</summary>
    private static async Task<double?> StableAsync(IValueReader stable, CancellationToken cancellationToken)
    {
        try
        {
            return (await stable.ReadAsync(cancellationToken)).Value;
        }
        catch (CheckException nothing) when (nothing.Class is DataClass.NoData or DataClass.Stale)
        {
            return null;
        }
    }
}

/// <summary>Reads one value of one version.</summary>
internal interface IValueReader
{
    /// <summary>Reads it.</summary>
    /// <exception cref="CheckException">Nobody knows it.</exception>
    Task<MeasuredValue> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A value of a version.</summary>
/// <param name="Value">The value; finite.</param>
/// <param name="Message">The same for a person.</param>
internal sealed record MeasuredValue(double Value, string Message);
