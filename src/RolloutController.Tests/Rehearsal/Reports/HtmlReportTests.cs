using System.Text.RegularExpressions;
using System.Xml.Linq;
using NUnit.Framework;
using RolloutController.Rehearsal.Reports;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Rehearsal.Scenarios;

namespace RolloutController.Tests.Rehearsal.Reports;

internal sealed class HtmlReportTests
{
    private static readonly RehearsalResult Bad = Rehearsals.Run(Rehearsals.Shop(), "errors-at-50");

    [Test]
    public void It_needs_no_network_and_runs_nothing()
    {
        var html = HtmlReport.Of([Bad, Bad]);

        Assert.That(html, Does.StartWith("<!doctype html>").And.Contain("default-src 'none'; style-src 'unsafe-inline'"));
        Assert.That(html, Does.Not.Match("<script|<link|<img|<iframe|@import|url\\(|src=|https?:|javascript:| on[a-z]+="));
        Assert.That(Regex.Matches(html, "href=\"([^\"]*)\"").Select(match => match.Groups[1].Value), Is.EqualTo(new[] { "#s0", "#s1" }));
    }

    [Test]
    public void It_is_well_formed() => Assert.That(() => Parsed(HtmlReport.Of([Bad])), Throws.Nothing);

    [Test]
    public void Names_and_messages_are_text_and_no_markup()
    {
        var result = Bad with
        {
            Rollout = "default/<b>shop</b>",
            Description = "\"quoted\" & <i>slanted</i>",
            Warnings = ["<script>alert(1)</script>"],
            Timeline = [Bad.Timeline[0] with { Text = "<img src=x onerror=alert(1)>" }],
        };
        var html = HtmlReport.Of([result]);

        Assert.That(html, Does.Not.Contain("<b>").And.Not.Contain("<i>").And.Not.Contain("<script").And.Not.Contain("<img"));
        Assert.That(html, Does.Contain("&lt;script&gt;alert(1)&lt;/script&gt;").And.Contain("&lt;img src=x onerror=alert(1)&gt;"));
    }

    [Test]
    public void Chart_has_a_line_for_each_rate_and_a_mark_for_each_event()
    {
        var svg = Parsed(HtmlReport.Of([Bad])).Descendants("svg").Single();
        var paths = svg.Elements("path").ToDictionary(path => (string)path.Attribute("class")!, path => (string)path.Attribute("d")!);

        Assert.That(paths.Keys, Is.EquivalentTo(new[] { "share", "others", "errors" }));
        Assert.That(Points(paths["share"]), Has.Count.EqualTo(Bad.Course.Count));
        Assert.That(Points(paths["errors"]), Has.Count.EqualTo(Bad.Course.Count(point => point.NewErrorRate is not null)));
        Assert.That(Points(paths["share"]).Concat(Points(paths["errors"])), Has.All.InRange(18, 18 + 150 + 34 + 150));
        var events = svg.Elements("line").Where(line => ((string)line.Attribute("class")!).StartsWith("event ", StringComparison.Ordinal)).Select(line => (string)line.Element("title")!).ToList();
        Assert.That(events, Has.Some.EndsWith("50 % of the traffic goes to " + Bad.Told(TimelineKind.Started).Single().Split(' ')[1]).And.Some.Contain("is rolled back: at 50 %"));
    }

    [Test]
    public void Rehearsal_without_a_course_has_no_chart() => Assert.That(HtmlReport.Of([Bad with { Course = [] }]), Does.Not.Contain("<svg"));

    [Test]
    public void What_is_unexpected_is_marked()
    {
        var html = HtmlReport.Of([Bad with { Expected = Outcome.Promoted }, Bad]);

        Assert.That(Regex.Matches(html, "class=\"badge wrong\">rolled-back, unexpectedly"), Has.Count.EqualTo(2));
        Assert.That(Regex.Matches(html, "class=\"badge fine\">rolled-back<"), Has.Count.EqualTo(2));
    }

    /// <summary>The heights of the points of a line, in pixels from the top.</summary>
    private static List<double> Points(string path) => [.. Regex.Matches(path, "(?:[ML][0-9.]+ |V)([0-9.]+)").Select(match => double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>The report as XML, after what HTML does not close is closed.</summary>
    private static XDocument Parsed(string html) => XDocument.Parse(Regex.Replace(html.Replace("<!doctype html>", "", StringComparison.Ordinal), "<meta ([^>]*)>", "<meta $1/>"));
}
