using RolloutController.Analysis.Metrics;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>A selector of gauges that a Rollout brings itself: each pod has one series of it.</summary>
/// <param name="selector">The selector.</param>
/// <param name="usual">The value of pods that nothing else is said of.</param>
internal sealed class RegisteredGauge(SelectorTemplate selector, double usual) : IRegistered
{
    private readonly SelectorForm _form = new(selector);

    /// <inheritdoc/>
    public IEnumerable<(ScrapedTarget Target, KnownSeries Series)>? Find(string metric, IReadOnlyList<SeriesMatcher> query, IEnumerable<ScrapedTarget> targets) =>
        _form.Read(metric, query) is not { } asked ? null : targets
            .Where(target => target.Subject is ScrapeSubject.Pod && asked.Matches(target.Subject))
            .Select(target => (target, new KnownSeries(Labels((ScrapeSubject.Pod)target.Subject), scrape => scrape.Gauges?.GetValueOrDefault(metric, usual) ?? usual)));

    private SortedDictionary<string, string> Labels(ScrapeSubject.Pod pod)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["__name__"] = selector.Metric, ["namespace"] = pod.Namespace, ["pod"] = pod.Name };
        foreach (var matcher in selector.Matchers.Where(matcher => matcher.IsPositive))
            labels.TryAdd(matcher.Label, matcher.IsRegex && !matcher.Value.OfType<VariablePart>().Any() ? "simulated" : SelectorForm.Text(matcher, pod));
        return labels;
    }
}
