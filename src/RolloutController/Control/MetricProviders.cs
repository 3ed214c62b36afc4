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
        spec.Analysis is { ErrorRate: { } rate } analysis && Provider(analysis) is { } provider && !Wrong(rate).Any()
            ? (provider, rate is { Requests: { } requests, Errors: { } errors } ? ErrorRateSelectors.Parse(requests, errors) : provider.DefaultSelectors)
            : null;

    /// <summary>What is wrong with the analysis that a spec asks for.</summary>
    public IEnumerable<Problem> Problems(RolloutSpec spec)
    {
        if (spec.Analysis is not { ErrorRate: { } rate } analysis)
            return [];
        if (Provider(analysis) is null)
        {
            var known = providers.Count == 0 ? "none is configured; start the controller with --prometheus" : $"configured are: {string.Join(", ", providers.Keys.Order())}";
            return [new Problem("ProviderNotFound", "spec.analysis.provider", analysis.Provider is { } name ? $"there is no provider '{name}'; {known}" : $"there is no default provider; {known}")];
        }

        return Wrong(rate);
    }

    private IMetricProvider? Provider(AnalysisSpec analysis) =>
        (analysis.Provider ?? defaultName) is { } name ? providers.GetValueOrDefault(name) : null;

    private static IEnumerable<Problem> Wrong(ErrorRateSpec rate) =>
        new[] { ("requests", rate.Requests), ("errors", rate.Errors) }.Select(selector => Wrong(selector.Item1, selector.Item2)).OfType<Problem>();

    private static Problem? Wrong(string field, string? selector)
    {
        try
        {
            _ = selector is null ? null : SelectorTemplate.Parse(selector);
            return null;
        }
        catch (SelectorException wrong)
        {
            return new Problem("InvalidSelector", $"spec.analysis.errorRate.{field}", wrong.Message);
        }
    }
}
