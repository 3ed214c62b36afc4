using RolloutController.Analysis.Checks;
using RolloutController.Api;

namespace RolloutController.Analysis.Metrics;

/// <summary>Counts log lines of one version.</summary>
internal sealed class LogReader : IValueReader
{
    private readonly ILogProvider _provider;
    private readonly LogQuery _query;
    private readonly LogsValue _value;
    private readonly ArmIdentity _arm;

    /// <summary>Prepares reading.</summary>
    public LogReader(ILogProvider provider, LogQuery query, LogsValue value, ArmIdentity arm)
    {
        (_provider, _query, _value, _arm) = (provider, query, value, arm);
        // A selector that does not suit this version is refused now, not at the first look.
        _ = query.All(arm, provider.NamespaceLabel);
    }

    /// <summary>
    /// Where no line is picked the answer is empty, and it is just as empty where the logs of the version do not arrive. So in that case
    /// all its lines are counted, too: only what is logged can be free of errors.
    /// </summary>
    public async Task<MeasuredValue> ReadAsync(CancellationToken cancellationToken)
    {
        var picked = await CountAsync(_query.Picked(_arm, _provider.NamespaceLabel), cancellationToken);
        if (picked is { } some && _value == LogsValue.Count)
            return new MeasuredValue(some, $"{CheckNumber.Format(some)} log lines are picked");
        var all = await CountAsync(_query.All(_arm, _provider.NamespaceLabel), cancellationToken)
            ?? throw new CheckException(DataClass.NoData, $"provider {_provider.Name} has no log line of this version: it has logged none yet, or the selector does not match its streams");
        return _value == LogsValue.Count
            ? new MeasuredValue(0, $"none of {CheckNumber.Format(all)} log lines is picked")
            : new MeasuredValue(Math.Min(100, 100 * (picked ?? 0) / all), $"{CheckNumber.Format(picked ?? 0)} of {CheckNumber.Format(all)} log lines are picked");
    }

    private async Task<double?> CountAsync(string query, CancellationToken cancellationToken)
    {
        var reading = await _provider.ReadAsync(new MetricQuery.Expression(query), cancellationToken);
        return reading.OrThrow().Series switch
        {
            [var only] when only.Points[^1].Value >= 0 => only.Points[^1].Value is > 0 and var count ? count : null,
            [] => null,
            _ => throw new CheckException(DataClass.ProviderError, $"provider {_provider.Name} did not answer with one count; is it a Loki?"),
        };
    }
}
