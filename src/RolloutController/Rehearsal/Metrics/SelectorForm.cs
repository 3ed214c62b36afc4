using System.Text.RegularExpressions;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>A selector, to be found again in a query that was made from it.</summary>
internal sealed class SelectorForm
{
    private readonly string _metric;
    private readonly List<(LabelMatcher Matcher, Regex Value)> _matchers;

    public SelectorForm(SelectorTemplate selector)
    {
        _metric = selector.Metric;
        _matchers = [.. selector.Matchers.Select(matcher => (matcher, new Regex($@"^{string.Concat(matcher.Value.Select(Pattern))}\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)))];
        NamesAddresses = Uses(SelectorVariable.Addresses);
        NamesPods = NamesAddresses || Uses(SelectorVariable.Pods) || Uses(SelectorVariable.Revision);
    }

    /// <summary>Whether it selects the series of pods, and not those of Services.</summary>
    public bool NamesPods { get; }

    /// <summary>Whether it knows pods by their addresses, as gateways do.</summary>
    public bool NamesAddresses { get; }

    /// <summary>What a query asks for; null where it was not made from this selector. A provider may add a label that holds it to a namespace.</summary>
    public AskedTargets? Read(string metric, IReadOnlyList<SeriesMatcher> query)
    {
        if (metric != _metric || query.Count < _matchers.Count || query.Count > _matchers.Count + 1)
            return null;
        var asked = new AskedTargets();
        foreach (var ((matcher, value), actual) in _matchers.Zip(query))
        {
            if (matcher.Label != actual.Label || matcher.Operator != actual.Operator || value.Match(actual.Value) is not { Success: true } match)
                return null;
            asked.Add(actual, match);
        }

        return query.Count == _matchers.Count || asked.Hold(query[^1]) ? asked : null;
    }

    private bool Uses(SelectorVariable variable) =>
        _matchers.Any(one => one.Matcher.IsPositive && one.Matcher.Value.OfType<VariablePart>().Any(part => part.Variable == variable));

    private static string Pattern(ValuePart part) => part switch
    {
        VariablePart { Variable: SelectorVariable.Pods or SelectorVariable.Addresses } variable => $"(?<{variable.Variable}>.+)",
        VariablePart variable => $"(?<{variable.Variable}>[a-z0-9-]+)",
        _ => Regex.Escape(((TextPart)part).Text),
    };

    /// <summary>What a matcher wants of a target, as text.</summary>
    public static string Text(LabelMatcher matcher, ScrapeSubject subject) => string.Concat(matcher.Value.Select(part => Text(part, subject)));

    private static string Text(ValuePart part, ScrapeSubject subject) => (part, subject) switch
    {
        (TextPart text, _) => text.Text,
        (VariablePart { Variable: SelectorVariable.Namespace }, _) => subject.Namespace,
        (VariablePart { Variable: SelectorVariable.Service }, ScrapeSubject.Service service) => service.Name,
        (VariablePart { Variable: SelectorVariable.Revision }, ScrapeSubject.Pod pod) => pod.Revision,
        (VariablePart { Variable: SelectorVariable.Pods }, ScrapeSubject.Pod pod) => pod.Name,
        (VariablePart { Variable: SelectorVariable.Addresses }, ScrapeSubject.Pod pod) => pod.Instance,
        _ => "simulated",
    };
}

/// <summary>What a query asks for.</summary>
internal sealed class AskedTargets
{
    private readonly List<Func<ScrapeSubject, bool>> _conditions = [];

    public void Add(SeriesMatcher matcher, Match match)
    {
        foreach (Group group in match.Groups.Cast<Group>().Skip(1).Where(group => group.Success))
            _conditions.Add(Condition(Enum.Parse<SelectorVariable>(group.Name), group.Value, matcher.Operator is "!=" or "!~"));
        if (match.Groups.Count == 1 && matcher.Label is "namespace" or "pod" or "service")
            _conditions.Add(subject => Known(matcher.Label, subject) is not { } known || matcher.Matches(known));
    }

    public bool Hold(SeriesMatcher matcher)
    {
        _conditions.Add(subject => subject.Namespace == matcher.Value);
        return matcher.Operator == "=";
    }

    public bool Matches(ScrapeSubject subject) => _conditions.TrueForAll(condition => condition(subject));

    private static Func<ScrapeSubject, bool> Condition(SelectorVariable variable, string value, bool not)
    {
        Func<ScrapeSubject, bool> condition = variable switch
        {
            SelectorVariable.Namespace => subject => subject.Namespace == value,
            SelectorVariable.Service => subject => subject is not ScrapeSubject.Service service || service.Name == value,
            SelectorVariable.Revision => subject => subject is ScrapeSubject.Pod pod && pod.Revision == value,
            SelectorVariable.Pods => OfPods(value, pod => pod.Name),
            SelectorVariable.Addresses => OfPods(value, pod => pod.Instance),
            _ => throw new ArgumentOutOfRangeException(nameof(variable), variable, "There is no such variable."),
        };
        return not ? subject => !condition(subject) : condition;
    }

    private static Func<ScrapeSubject, bool> OfPods(string value, Func<ScrapeSubject.Pod, string> field)
    {
        var pattern = SeriesMatcher.Pattern(value);
        return subject => subject is ScrapeSubject.Pod pod && pattern.IsMatch(field(pod));
    }

    private static string? Known(string label, ScrapeSubject subject) => (label, subject) switch
    {
        ("namespace", _) => subject.Namespace,
        ("pod", ScrapeSubject.Pod pod) => pod.Name,
        ("service", ScrapeSubject.Service service) => service.Name,
        _ => null,
    };
}
