using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>The metric providers that the operator configured. A Rollout names one; it never brings an address.</summary>
/// <param name="providers">The providers by name.</param>
/// <param name="defaultName">The one that is taken where a Rollout names none; null where there is none.</param>
public sealed class MetricProviders(IReadOnlyDictionary<string, IMetricProvider> providers, string? defaultName)
{
    /// <summary>No provider: Rollouts that need one are refused.</summary>
    public static MetricProviders None { get; } = new(new Dictionary<string, IMetricProvider>(), null);

    /// <summary>The provider and the selectors that a spec asks for; null where it judges no metrics or asks for what there is not.</summary>
    public (IMetricProvider Provider, ErrorRateSelectors Selectors)? Find(RolloutSpec spec) =>
        spec.Analysis is { ErrorRate: { } rate } && Of(spec) is { } provider && !SelectorProblems.Of(rate, "spec.analysis.errorRate").Any()
            ? (provider, rate is { Requests: { } requests, Errors: { } errors } ? ErrorRateSelectors.Parse(requests, errors) : provider.DefaultSelectors)
            : null;

    /// <summary>The provider and the selectors that a check which counts requests asks for; null where it asks for what there is not.</summary>
    public (IMetricProvider Provider, CountSelectors Selectors)? Find(RolloutSpec spec, CheckSpec check)
    {
        if (Of(spec) is not { } provider || SelectorProblems.Of(check, "", spec, provider).Any())
            return null;
        return check switch
        {
            { ErrorRate: { Requests: { } requests, Errors: { } errors } } =>
                (provider, new ErrorRateSelectors(SelectorTemplate.Parse(requests), SelectorTemplate.Parse(errors)) { Field = $"analysis.checks[{check.Name}].errorRate" }),
            { Latency: { Requests: { } requests, Within: { } within } } => (provider, OfHistogram(SelectorTemplate.Parse(requests), SelectorTemplate.Parse(within), check.Latency.SlowerThan)),
            { Latency: { } latency } when provider.Latency(latency.SlowerThan) is { } selectors => (provider, selectors),
            _ => null,
        };
    }

    /// <summary>The provider that a spec asks for; null where there is none.</summary>
    public IMetricProvider? Of(RolloutSpec spec) =>
        (spec.Analysis?.Provider ?? defaultName) is { } name ? providers.GetValueOrDefault(name) : null;

    /// <summary>What is wrong with the metrics that a spec asks for.</summary>
    public IEnumerable<Problem> Problems(RolloutSpec spec)
    {
        var checks = SelectorProblems.Asking(spec).ToList();
        if (spec.Analysis?.ErrorRate is null && checks.Count == 0)
            return [];
        if (Of(spec) is not { } provider)
            return [NotFound(spec.Analysis?.Provider)];
        return [
            .. spec.Analysis?.ErrorRate is { } rate ? SelectorProblems.Of(rate, "spec.analysis.errorRate") : [],
            .. checks.SelectMany(check => SelectorProblems.Of(check.Check, check.Field, spec, provider)),
        ];
    }

    private static LatencySelectors OfHistogram(SelectorTemplate requests, SelectorTemplate within, TimeSpan bound) =>
        new(requests, within) { Unit = LatencySelectors.UnitOf(within, bound) };

    private Problem NotFound(string? asked)
    {
        var known = providers.Count == 0 ? "none is configured; start the controller with --prometheus" : $"configured are: {string.Join(", ", providers.Keys.Order())}";
        return new Problem(EventReason.ProviderNotFound, "spec.analysis.provider", asked is { } name ? $"there is no provider '{name}'; {known}" : $"there is no default provider; {known}");
    }
}
