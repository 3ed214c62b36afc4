using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>What is wrong with the selectors and expressions of a Rollout, said before any traffic moves.</summary>
internal static class SelectorProblems
{
    /// <summary>The checks and gates, and where they are written.</summary>
    public static IEnumerable<(CheckSpec Check, string Field)> All(RolloutSpec spec) =>
        (spec.Analysis?.Checks ?? []).Select(check => (check, $"spec.analysis.checks[{check.Name}]"))
            .Concat(spec.Gates.Select(gate => (gate, $"spec.gates[{gate.Name}]")));

    /// <summary>Those that ask a metrics provider.</summary>
    public static IEnumerable<(CheckSpec Check, string Field)> Asking(RolloutSpec spec) =>
        All(spec).Where(one => one.Check is { Metric: not null } or { Query: not null } or { IsCounted: true });

    /// <summary>What is wrong with a selection of log lines.</summary>
    public static IEnumerable<Problem> Of(LogsCheckSpec logs, string field, RolloutSpec spec) =>
        Wrong($"{field}.streams", logs.Streams, _ => LogQuery.Parse(logs), query => query.NamesService ? NoService(spec) : null);

    /// <summary>What is wrong with those of an error rate.</summary>
    /// <param name="rate">The error rate.</param>
    /// <param name="field">Where it is written.</param>
    public static IEnumerable<Problem> Of(ErrorRateSpec rate, string field) =>
    [
        .. Wrong($"{field}.requests", rate.Requests, SelectorTemplate.Parse, _ => null),
        .. Wrong($"{field}.errors", rate.Errors, SelectorTemplate.Parse, _ => null),
    ];

    /// <summary>What is wrong with those of a check.</summary>
    /// <param name="check">The check.</param>
    /// <param name="field">Where it is written.</param>
    /// <param name="spec">What contains it.</param>
    /// <param name="provider">What is asked.</param>
    public static IEnumerable<Problem> Of(CheckSpec check, string field, RolloutSpec spec, IMetricProvider provider)
    {
        var noService = NoService(spec);
        return check switch
        {
            { Metric: { } metric } => Selectors(noService, ($"{field}.metric.selector", metric.Selector), ($"{field}.metric.per", metric.Per)),
            { ErrorRate: { } rate } => Selectors(noService, ($"{field}.errorRate.requests", rate.Requests), ($"{field}.errorRate.errors", rate.Errors)),
            { Latency: { Requests: null } latency } => OfPreset($"{field}.latency", provider.Latency(latency.SlowerThan), noService, provider),
            { Latency: { } latency } => Selectors(noService, ($"{field}.latency.requests", latency.Requests), ($"{field}.latency.within", latency.Within)),
            { Query: not null } when provider.NamespaceLabel is not null => [new Problem(
                EventReason.QueryNotAllowed, $"{field}.query", $"provider {provider.Name} keeps each namespace to its own metrics, which cannot be said of a free expression; write metric with a selector instead")],
            { Query: { } query } => Wrong($"{field}.query.expression", query.Expression, QueryTemplate.Parse, one => one.NamesService ? noService : Alike(check, query)),
            _ => [],
        };
    }

    /// <summary>What is wrong with naming the Service; null where nothing is.</summary>
    private static string? NoService(RolloutSpec spec) => spec.Traffic is { Routes.Count: > 0 } ? null : VariablePart.NoService;

    private static IEnumerable<Problem> Selectors(string? noService, params (string Field, string? Text)[] selectors) =>
        selectors.SelectMany(one => Wrong(one.Field, one.Text, SelectorTemplate.Parse, selector => selector.NamesService ? noService : null));

    /// <summary>What is wrong with leaving the selectors of slow requests to the provider.</summary>
    private static IEnumerable<Problem> OfPreset(string field, LatencySelectors? preset, string? noService, IMetricProvider provider) => preset switch
    {
        null => [new Problem(EventReason.NoPreset, field, $"provider {provider.Name} knows no histogram of durations that tells the two versions apart; write requests and within")],
        { Requests.NamesService: true } when noService is not null => [new Problem(
            EventReason.NoPreset, field, $"the histogram that provider {provider.Name} knows is one of Services, but without traffic.routes both versions are behind the same; write requests and within with $pods or $revision")],
        _ => [],
    };

    private static string? Alike(CheckSpec check, QueryCheckSpec query) => check.MaxIncrease is not null && !query.NamesVersion
        ? "With maxIncrease the query is asked for both versions, which it cannot tell apart: match a label with $service, $revision, $pods or $addresses, or leave maxIncrease out."
        : null;

    private static IEnumerable<Problem> Wrong<T>(string field, string? text, Func<string, T> parse, Func<T, string?> judge)
    {
        if (text is null)
            return [];
        try
        {
            return judge(parse(text)) is { } wrong ? [new Problem(EventReason.InvalidSelector, field, wrong)] : [];
        }
        catch (SelectorException wrong)
        {
            return [new Problem(EventReason.InvalidSelector, field, wrong.Message)];
        }
    }
}
