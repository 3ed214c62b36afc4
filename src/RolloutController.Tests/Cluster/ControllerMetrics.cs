using System.Globalization;

namespace RolloutController.Tests.Cluster;

/// <summary>One scrape of a controller's <c>/metrics</c>.</summary>
internal sealed class ControllerMetrics
{
    private readonly IReadOnlyList<(string Series, double Value)> _samples;

    private ControllerMetrics(string text)
    {
        Text = text;
        _samples = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Sample)];
    }

    /// <summary>The text as it was scraped.</summary>
    public string Text { get; }

    public static async Task<ControllerMetrics> ReadAsync(Uri controller, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        return new ControllerMetrics(await http.GetStringAsync(new Uri(controller, "/metrics"), cancellationToken));
    }

    /// <summary>The sum over the series of a metric whose labels hold all these texts, such as <c>code="403"</c>.</summary>
    public double Sum(string metric, params string[] labels) => Series(metric, labels).Sum(sample => sample.Value);

    /// <summary>The series of a metric whose labels hold all these texts.</summary>
    public IEnumerable<(string Series, double Value)> Series(string metric, params string[] labels) =>
        _samples.Where(sample => sample.Series.StartsWith(metric + "{", StringComparison.Ordinal) && labels.All(sample.Series.Contains));

    private static (string, double) Sample(string line)
    {
        var value = line.LastIndexOf(' ');
        return (line[..value], double.Parse(line[(value + 1)..], CultureInfo.InvariantCulture));
    }
}
