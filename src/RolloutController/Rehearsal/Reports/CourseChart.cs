using System.Globalization;
using System.Net;
using System.Text;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Reports;

/// <summary>A chart as SVG: above, the share of requests that the new version had; below, the error rates of both versions; events as lines.</summary>
internal static class CourseChart
{
    private const double Width = 960;
    private const double Left = 48;
    private const double Right = 12;
    private const double Height = 150;
    private const double Gap = 34;
    private const double Top = 18;

    private static readonly TimelineKind[] Marked = [TimelineKind.World, TimelineKind.Started, TimelineKind.Weight, TimelineKind.Held, TimelineKind.RolledBack, TimelineKind.Promoted];

    /// <summary>The chart of a rehearsal; nothing where nothing was recorded.</summary>
    public static string Of(RehearsalResult result)
    {
        if (result.Course.Count < 2)
            return "";
        var end = Math.Max(result.Course[^1].At.TotalSeconds, 1);
        var most = Math.Max(1, Math.Ceiling(result.Course.SelectMany(point => new[] { point.NewErrorRate ?? 0, point.OldErrorRate ?? 0 }).Max()));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg viewBox="0 0 {Width} {Top + Height + Gap + Height + 24}" role="img" aria-label="{WebUtility.HtmlEncode($"Share of requests and error rates over time; {TextReport.Ending(result)}")}">
            <text x="{Left}" y="12" class="key-new">requests to the new version, %</text>
            <text x="{Left}" y="{Top + Height + Gap - 6}"><tspan class="key-bad">errors of the new version, %</tspan><tspan dx="14" class="key-old">of the version before</tspan></text>

            """);
        Grid(svg, Top, 100);
        Grid(svg, Top + Height + Gap, most);
        foreach (var entry in result.Timeline.Where(entry => Marked.Contains(entry.Kind)))
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"event {entry.Kind}\" x1=\"{X(entry.At):0.#}\" x2=\"{X(entry.At):0.#}\" y1=\"{Top}\" y2=\"{Top + Height + Gap + Height}\"><title>{WebUtility.HtmlEncode($"{TextReport.Time(entry.At)} {entry.Text}")}</title></line>\n");
        Line(svg, "share", Top, 100, result.Course.Select(point => (X(point.At), (double?)point.Share)), isStepped: true);
        Line(svg, "others", Top + Height + Gap, most, result.Course.Select(point => (X(point.At), point.OldErrorRate)), isStepped: false);
        Line(svg, "errors", Top + Height + Gap, most, result.Course.Select(point => (X(point.At), point.NewErrorRate)), isStepped: false);
        foreach (var part in Enumerable.Range(0, 5))
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + ((Width - Left - Right) * part / 4):0.#}\" y=\"{Top + Height + Gap + Height + 18}\" text-anchor=\"{(part == 0 ? "start" : part == 4 ? "end" : "middle")}\">{TextReport.Time(TimeSpan.FromSeconds(end * part / 4))}</text>\n");
        return svg.Append("</svg>\n").ToString();

        double X(TimeSpan at) => Left + ((Width - Left - Right) * Math.Min(1, at.TotalSeconds / end));
    }

    private static void Grid(StringBuilder svg, double top, double most)
    {
        foreach (var part in new[] { 0, 0.5, 1 })
        {
            var y = top + (Height * (1 - part));
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/><text x=\"{Left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{most * part:0.#}</text>\n");
        }
    }

    // A gap in the values is a gap in the line.
    private static void Line(StringBuilder svg, string name, double top, double most, IEnumerable<(double X, double? Value)> points, bool isStepped)
    {
        var path = new StringBuilder();
        double? last = null;
        foreach (var (x, value) in points)
        {
            if (value is { } there)
            {
                var y = top + (Height * (1 - (there / most)));
                var (to, straight) = (last is null ? 'M' : 'L', last is not null && isStepped);
                path.Append(CultureInfo.InvariantCulture, $"{(straight ? 'H' : to)}{x:0.#}{(straight ? 'V' : ' ')}{y:0.#}");
            }
            last = value;
        }
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{name}\" d=\"{path}\"/>\n");
    }
}
