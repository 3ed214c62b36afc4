using System.Globalization;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>
/// The two selectors that a Rollout brings itself. What they count is not known here beyond their names, so a query that was made from one
/// of them is answered by which it is, requests or errors, and by what its variables were filled in with; other labels count as matching.
/// </summary>
/// <param name="selectors">The selectors.</param>
/// <param name="bound">Up to which duration requests count as fast; null where the selectors count errors.</param>
internal sealed class RegisteredSelectors(CountSelectors selectors, TimeSpan? bound = null) : IRegistered
{
    private readonly SelectorForm _requests = new(selectors.Requests);
    private readonly SelectorForm _part = new(selectors.Part);

    /// <summary>The series of targets that a query asks for; null where it was made from neither selector.</summary>
    public IEnumerable<(ScrapedTarget Target, KnownSeries Series)>? Find(string metric, IReadOnlyList<SeriesMatcher> query, IEnumerable<ScrapedTarget> targets)
    {
        var (asked, isPart) = _part.Read(metric, query) is { } part ? (part, true) : (_requests.Read(metric, query), false);
        if (asked is null)
            return null;
        var form = isPart ? _part : _requests;
        return targets
            .Where(target => IsOfForm(target.Subject, form) && asked.Matches(target.Subject))
            .Select(target => (target, new KnownSeries(Labels(metric, target.Subject), scrape => bound is { } longest ? Value(scrape, longest, isPart) : Value(scrape, target.Subject, form, isPart))));
    }

    private static bool IsOfForm(ScrapeSubject subject, SelectorForm form) => form.NamesPods ? subject is ScrapeSubject.Pod : subject is ScrapeSubject.Service;

    private static double? Value(Scrape scrape, TimeSpan bound, bool isPart) =>
        scrape.Latencies.All is var all and > 0 ? isPart ? scrape.Latencies.Within(bound) : all : null;

    private static double? Value(Scrape scrape, ScrapeSubject subject, SelectorForm form, bool isErrors)
    {
        var value = (subject, isErrors) switch
        {
            (ScrapeSubject.Service, true) => scrape.Errors + scrape.Lost,
            (_, true) => form.NamesAddresses ? scrape.GatewayErrors : scrape.Errors,
            _ => form.NamesAddresses ? scrape.GatewayRequests : scrape.Requests,
        };
        return value > 0 ? value : null;
    }

    /// <summary>The labels that both selectors name, so that no series lacks one that errors are told by; and those that tell targets apart.</summary>
    private SortedDictionary<string, string> Labels(string metric, ScrapeSubject subject)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["__name__"] = metric, ["namespace"] = subject.Namespace };
        if (subject is ScrapeSubject.Pod pod)
            labels["pod"] = pod.Name;
        if (subject is ScrapeSubject.Service service)
            (labels["service"], labels["port"]) = (service.Name, service.Port.ToString(CultureInfo.InvariantCulture));
        foreach (var matcher in selectors.Requests.Matchers.Concat(selectors.Part.Matchers).Where(matcher => matcher.IsPositive))
            labels.TryAdd(matcher.Label, matcher.IsRegex && !matcher.Value.OfType<VariablePart>().Any() ? "simulated" : SelectorForm.Text(matcher, subject));
        return labels;
    }
}
