using System.Globalization;
using System.Net;
using System.Text;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Reports;

/// <summary>
/// Rehearsals as one HTML file that opens without a network: a section for each, with a chart of weight and error rate over time, its events
/// marked, and the timeline as a table. No script; light and dark as the reader has it.
/// </summary>
internal static class HtmlReport
{
    /// <summary>Makes the file.</summary>
    public static string Of(IReadOnlyList<RehearsalResult> results)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Rehearsal of {Encode(results.Count > 0 ? results[0].Rollout : "nothing")}</title>
            <style>{Style}</style>
            </head>
            <body>
            <header><h1>Rehearsal of {Encode(string.Join(", ", results.Select(result => result.Rollout).Distinct()))}</h1></header>
            <main>

            """);
        var names = TextReport.Names(results);
        if (results.Count > 1)
            Summary(html, results, names);
        foreach (var (result, index) in results.Select((result, index) => (result, index)))
            Section(html, result, names[index], index);
        html.Append("</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void Summary(StringBuilder html, IReadOnlyList<RehearsalResult> results, IReadOnlyList<string> names)
    {
        html.Append("<table><thead><tr><th>Scenario</th><th>Ended</th><th class=\"number\">After</th><th class=\"number\">Requests failed</th></tr></thead><tbody>\n");
        foreach (var (result, index) in results.Select((result, index) => (result, index)))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"#s{index}\">{Encode(names[index])}</a> <span class=\"quiet\">{Encode(result.Description)}</span></td><td>{Badge(result)}</td><td class=\"number\">{TextReport.Time(result.Duration)}</td><td class=\"number\">{result.Requests.Failed:N0} of {result.Requests.Total:N0}</td></tr>\n");
        }
        html.Append("</tbody></table>\n");
    }

    private static void Section(StringBuilder html, RehearsalResult result, string name, int index)
    {
        var settings = result.Settings;
        html.Append(CultureInfo.InvariantCulture, $"""
            <section id="s{index}">
            <h2>{Encode(name)} {Badge(result)}</h2>
            <p>{Encode(Capital(result.Description))}; {settings.RequestsPerSecond:0.##} requests a second, scraped every {settings.ScrapeInterval.TotalSeconds:0.##} s, seed {settings.Seed}.</p>
            <p><strong>{Encode(TextReport.Ending(result))}</strong> {result.Requests.Failed:N0} of {result.Requests.Total:N0} requests failed meanwhile.</p>

            """);
        foreach (var warning in result.Warnings)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{Encode(warning)}</p>\n");
        html.Append(CourseChart.Of(result));
        html.Append("<table><thead><tr><th class=\"number\">After</th><th>What happened</th><th class=\"number\">Weight</th><th class=\"number\">Failed so far</th></tr></thead><tbody>\n");
        foreach (var entry in result.Timeline.Where(entry => entry.Kind != TimelineKind.Check))
            html.Append(CultureInfo.InvariantCulture, $"<tr class=\"{entry.Kind}\"><td class=\"number\">{TextReport.Time(entry.At)}</td><td>{Encode(entry.Text)}</td><td class=\"number\">{entry.Weight} %</td><td class=\"number\">{entry.Failed:N0}</td></tr>\n");
        html.Append("</tbody></table>\n</section>\n");
    }

    private static string Badge(RehearsalResult result) =>
        $"<span class=\"badge {(result.IsAsExpected ? "fine" : "wrong")}\">{TextReport.Name(result.Outcome)}{(result.IsAsExpected ? "" : ", unexpectedly")}</span>";

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root { color-scheme: light dark; --ground: #fbfbfa; --ink: #1d2329; --quiet: #5f6b76; --line: #d8dde2; --new: #0a6cc4; --bad: #c2331f; --old: #7a8691; --fine: #1c7c43; --warn: #8a5a00; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14181c; --ink: #e6eaee; --quiet: #98a4b0; --line: #2e363e; --new: #5db2ff; --bad: #ff7b66; --old: #8d99a5; --fine: #58c98a; --warn: #e0ad4b; } }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        header, main { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin: 1.5rem 0 1rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
        p { margin: .25rem 0; } .quiet { color: var(--quiet); } .warning { color: var(--warn); } .warning::before { content: "Warning: "; font-weight: 600; }
        table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .9rem; }
        th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-right: .9rem; }
        .badge { font-size: .8rem; font-weight: 600; border: 1px solid; border-radius: 1rem; padding: .05rem .55rem; white-space: nowrap; } .fine { color: var(--fine); } .wrong { color: var(--bad); }
        tr.RolledBack td:nth-child(2) { color: var(--bad); font-weight: 600; } tr.Promoted td:nth-child(2) { color: var(--fine); font-weight: 600; } tr.Held td:nth-child(2) { color: var(--warn); } tr.World td:nth-child(2) { font-style: italic; }
        svg { width: 100%; height: auto; display: block; margin: 1rem 0; } svg text { fill: var(--quiet); font: 11px system-ui, sans-serif; }
        .grid { stroke: var(--line); stroke-width: 1; } .share { fill: none; stroke: var(--new); stroke-width: 2; } .errors { fill: none; stroke: var(--bad); stroke-width: 1.5; } .others { fill: none; stroke: var(--old); stroke-width: 1; } .event { stroke: var(--quiet); stroke-dasharray: 2 3; } .event.RolledBack { stroke: var(--bad); stroke-dasharray: none; } .event.Promoted { stroke: var(--fine); stroke-dasharray: none; } .key-new { fill: var(--new); } .key-bad { fill: var(--bad); } .key-old { fill: var(--old); }
        """;
}
