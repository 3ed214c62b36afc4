using System.Text.RegularExpressions;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>An expression that a Rollout brings itself. What it reckons is not known here, so it yields what is said of it by the name of its check.</summary>
/// <param name="check">The name of the check.</param>
/// <param name="query">The expression.</param>
/// <param name="usual">Its value where nothing else is said.</param>
internal sealed class RegisteredQuery(string check, QueryTemplate query, double usual)
{
    private readonly Regex _form = new(
        $@"^{string.Concat(query.Pieces.Select(Pattern))}\z", RegexOptions.CultureInvariant | RegexOptions.Singleline);

    /// <summary>Its value: the highest of the pods that it names; none where these are not there, null where a text was not made from it.</summary>
    public IReadOnlyList<double>? Find(string text, IEnumerable<ScrapedTarget> targets)
    {
        if (_form.Match(text) is not { Success: true } match)
            return null;
        var asked = targets.Where(target => target.GoneAt is null && target.Subject is ScrapeSubject.Pod pod && Names(match, pod)).ToList();
        return asked.Count == 0 ? [] : [asked.Max(target => target.Scrapes[^1].Gauges?.GetValueOrDefault(check, usual) ?? usual)];
    }

    private static bool Names(Match match, ScrapeSubject.Pod pod) => match.Groups.Cast<Group>().Skip(1).Where(group => group.Success).All(group => group.Name switch
    {
        nameof(SelectorVariable.Namespace) => pod.Namespace == group.Value,
        nameof(SelectorVariable.Revision) => pod.Revision == group.Value,
        nameof(SelectorVariable.Pods) => SeriesMatcher.Pattern(Unescaped(group.Value)).IsMatch(pod.Name),
        nameof(SelectorVariable.Addresses) => SeriesMatcher.Pattern(Unescaped(group.Value)).IsMatch(pod.Instance),
        _ => true,
    });

    private static string Unescaped(string value) => value.Replace(@"\\", @"\", StringComparison.Ordinal);

    private static string Pattern(QueryTemplate.Piece piece) => piece.Part is VariablePart variable
        ? $"(?<{variable.Variable}>[^\"'`]+)"
        : Regex.Escape(((TextPart)piece.Part).Text);
}
