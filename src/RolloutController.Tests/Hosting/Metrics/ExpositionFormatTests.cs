using Microsoft.Extensions.Primitives;
using NUnit.Framework;
using RolloutController.Hosting.Metrics;

namespace RolloutController.Tests.Hosting.Metrics;

public class ExpositionFormatTests
{
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";

    // What Prometheus 3 and 2 send.
    [TestCase("application/openmetrics-text;version=1.0.0;escaping=allow-utf8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1", OpenMetrics + "; escaping=underscores")]
    [TestCase("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics)]
    // With OpenMetrics turned off.
    [TestCase("text/plain;version=1.0.0;escaping=allow-utf8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4", Text)]
    [TestCase("application/openmetrics-text", OpenMetrics)]
    [TestCase("application/openmetrics-text;version=0.0.1", "application/openmetrics-text; version=0.0.1; charset=utf-8")]
    [TestCase("application/openmetrics-text;version=2.0.0,text/plain", Text)]
    [TestCase("application/openmetrics-text;q=0", Text)]
    [TestCase("application/openmetrics-text;q=0.2,text/plain;q=0.3", Text)]
    [TestCase("text/html,*/*;q=0.8", Text)]
    [TestCase("application/vnd.google.protobuf", Text)]
    [TestCase("*/*", Text)]
    [TestCase("", Text)]
    [TestCase("@@@", Text)]
    public void What_the_scraper_prefers_is_sent(string accept, string contentType) =>
        Assert.That(ExpositionFormat.Negotiate(accept).ContentType, Is.EqualTo(contentType));

    [Test]
    public void Without_the_header_it_is_text() =>
        Assert.That(ExpositionFormat.Negotiate(StringValues.Empty).IsOpenMetrics, Is.False);
}
