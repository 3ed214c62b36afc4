using NUnit.Framework;
using RolloutController.Hosting.Metrics;

namespace RolloutController.Tests.Hosting.Metrics;

public class ExpositionWriterTests
{
    private static readonly MetricSnapshot[] Metrics =
    [
        new(
            new("requests_total", MetricType.Counter, "Requests \\ \"all\"\nof them.", "code"),
            [new(["200"], 3), new(["\\ \"\n"], 1e20)]),
        new(
            new("wait_seconds", MetricType.Histogram, "Waiting.", "name") { Unit = "seconds", Buckets = [0.005, 1, 10] },
            [new(["a"], 12.5, [2, 0, 1, 4])]),
        MetricSnapshot.Of(new("temperature", MetricType.Gauge, "Now."), double.NaN),
    ];

    [Test]
    public void OpenMetrics_is_written_by_its_rules() => Assert.That(Write(ExpositionFormat.OpenMetrics), Is.EqualTo(
        """
        # TYPE requests counter
        # HELP requests Requests \\ \"all\"\nof them.
        requests_total{code="200"} 3
        requests_total{code="\\ \"\n"} 1e+20
        # TYPE wait_seconds histogram
        # UNIT wait_seconds seconds
        # HELP wait_seconds Waiting.
        wait_seconds_bucket{name="a",le="0.005"} 2
        wait_seconds_bucket{name="a",le="1.0"} 2
        wait_seconds_bucket{name="a",le="10.0"} 3
        wait_seconds_bucket{name="a",le="+Inf"} 7
        wait_seconds_sum{name="a"} 12.5
        wait_seconds_count{name="a"} 7
        # TYPE temperature gauge
        # HELP temperature Now.
        temperature NaN
        # EOF

        """));

    [Test]
    public void Prometheus_text_is_written_by_its_own() => Assert.That(Write(ExpositionFormat.PrometheusText), Is.EqualTo(
        """
        # TYPE requests_total counter
        # HELP requests_total Requests \\ "all"\nof them.
        requests_total{code="200"} 3
        requests_total{code="\\ \"\n"} 1e+20
        # TYPE wait_seconds histogram
        # HELP wait_seconds Waiting.
        wait_seconds_bucket{name="a",le="0.005"} 2
        wait_seconds_bucket{name="a",le="1.0"} 2
        wait_seconds_bucket{name="a",le="10.0"} 3
        wait_seconds_bucket{name="a",le="+Inf"} 7
        wait_seconds_sum{name="a"} 12.5
        wait_seconds_count{name="a"} 7
        # TYPE temperature gauge
        # HELP temperature Now.
        temperature NaN

        """));

    // The specification's own list of canonical numbers, and some of ours.
    [TestCase(0, "0.0")]
    [TestCase(0.005, "0.005")]
    [TestCase(1, "1.0")]
    [TestCase(2.5, "2.5")]
    [TestCase(10, "10.0")]
    [TestCase(100000, "100000.0")]
    [TestCase(1e6, "1e+06")]
    [TestCase(1.5e7, "1.5e+07")]
    [TestCase(1e10, "1e+10")]
    [TestCase(1e23, "1e+23")]
    [TestCase(0.0001, "0.0001")]
    [TestCase(0.00001, "1e-05")]
    [TestCase(1e-8, "1e-08")]
    [TestCase(double.PositiveInfinity, "+Inf")]
    [TestCase(double.NegativeInfinity, "-Inf")]
    public void Bounds_are_canonical(double bound, string expected) => Assert.That(ExpositionWriter.Bound(bound), Is.EqualTo(expected));

    [TestCase(3, "3")]
    [TestCase(0.1, "0.1")]
    [TestCase(1795246907.533713, "1795246907.533713")]
    [TestCase(1e-7, "1e-07")]
    [TestCase(double.NegativeInfinity, "-Inf")]
    public void Numbers_are_the_shortest_that_read_back(double value, string expected) => Assert.That(ExpositionWriter.Number(value), Is.EqualTo(expected));

    private static string Write(ExpositionFormat format)
    {
        using var output = new StringWriter();
        new ExpositionWriter(output, format).Write(Metrics);
        return output.ToString();
    }
}
