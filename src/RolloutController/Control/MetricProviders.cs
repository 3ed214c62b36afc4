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
        spec.Analysis is { ErrorRate: { } rate } analysis && Provider(analysis) is { } provider && Selectors(provider, rate) is (var selectors, null)
            ? (provider, selectors)
            : null;

    /// <summary>What is wrong with the analysis that a spec asks for.</summary>
    public IEnumerable<Problem> Problems(RolloutSpec spec)
    {
        if (spec.Analysis is not { ErrorRate: { } rate } analysis)
            return [];
        if (Provider(analysis) is not { } provider)
        {
            var known = providers.Count == 0 ? "none is configured; start the controller with --prometheus" : $"configured are: {string.Join(", ", providers.Keys.Order())}";
            return [new Problem("ProviderNotFound", "spec.analysis.provider", analysis.Provider is { } name ? $"there is no provider '{name}'; {known}" : $"there is no default provider; {known}")];
        }

        return Selectors(provider, rate).Problem is { } wrong ? [new Problem("InvalidSelector", "spec.analysis.errorRate", wrong)] : [];
    }

    private IMetricProvider? Provider(AnalysisSpec analysis) =>
        (analysis.Provider ?? defaultName) is { } name ? providers.GetValueOrDefault(name) : null;

    private static (ErrorRateSelectors Selectors, string? Problem) Selectors(IMetricProvider provider, ErrorRateSpec rate)
    {
        if (rate is not { Requests: { } requests, Errors: { } errors })
            return (provider.DefaultSelectors, null);
        try
        {
            return (ErrorRateSelectors.Parse(requests, errors), null);
        }
        catch (SelectorException wrong)
        {
            return (provider.DefaultSelectors, wrong.Message);
        }
    }
}
