using RolloutController.Analysis.Checks;

namespace RolloutController.Analysis.Metrics;

/// <summary>Reads the one value of an expression.</summary>
internal sealed class QueryReader : IValueReader
{
    private const int MostLabels = 5;

    private readonly IMetricProvider _provider;
    private readonly QueryTemplate _query;
    private readonly ArmIdentity _arm;

    /// <summary>Prepares reading.</summary>
    public QueryReader(IMetricProvider provider, QueryTemplate query, ArmIdentity arm)
    {
        (_provider, _query, _arm) = (provider, query, arm);
        // An expression that does not suit this version is refused now, not at the first look.
        _ = query.Render(arm);
    }

    /// <inheritdoc/>
    public async Task<MeasuredValue> ReadAsync(CancellationToken cancellationToken)
    {
        var reading = await _provider.ReadAsync(new MetricQuery.Expression(_query.Render(_arm)), cancellationToken);
        return reading.OrThrow().Series switch
        {
            [] => throw new CheckException(DataClass.NoData, $"the query has no value in provider {_provider.Name}: there is none yet, or its selectors do not match"),
            [var only] => new MeasuredValue(only.Points[^1].Value, $"the query yields {CheckNumber.Format(only.Points[^1].Value)}"),
            var several => throw new CheckException(
                DataClass.ConfigError, $"the query yields {several.Count} values in provider {_provider.Name}{LabelsOf(several)}; write one that yields a single value, such as sum(...) or max(...)"),
        };
    }

    /// <summary>The labels that the values differ by. Names alone, and none that is not of the usual form: they are somebody else's text.</summary>
    private static string LabelsOf(IReadOnlyList<MetricSeries> several)
    {
        var names = several.SelectMany(series => series.Labels.Keys).Distinct()
            .Where(name => SelectorParser.IsName(name, allowColon: false) && name.Length <= 63)
            .Where(name => several.Select(series => series.Labels.GetValueOrDefault(name, "")).Distinct().Skip(1).Any())
            .Order(StringComparer.Ordinal).Take(MostLabels).ToList();
        return names.Count == 0 ? "" : $", which differ by {string.Join(", ", names)}";
    }
}

/// <summary>Turns readings that hold nothing into what checks say of them.</summary>
internal static class MetricReadings
{
    /// <summary>What was found.</summary>
    /// <exception cref="CheckException">Nothing was, and why.</exception>
    public static MetricReading.Found OrThrow(this MetricReading reading) => reading switch
    {
        MetricReading.Found found => found,
        MetricReading.Unavailable unavailable => throw new CheckException(DataClass.ProviderError, unavailable.Message),
        MetricReading.Refused refused => throw new CheckException(DataClass.ConfigError, refused.Message),
        _ => throw new ArgumentOutOfRangeException(nameof(reading)),
    };
}
