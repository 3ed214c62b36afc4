namespace RolloutController.Analysis.Metrics;

/// <summary>How old a scraped value may be and still speak of now.</summary>
internal static class ScrapeAge
{
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(60);

    /// <summary>Three scrapes missed in a row, taking the median distance of two values for the scrape interval; never less than a minute.</summary>
    /// <param name="series">The recent values.</param>
    public static TimeSpan Longest(IReadOnlyList<MetricSeries> series)
    {
        var gaps = series
            .SelectMany(one => one.Points.Zip(one.Points.Skip(1), (earlier, later) => later.Time - earlier.Time))
            .Order()
            .ToList();
        var threeScrapes = gaps.Count == 0 ? TimeSpan.Zero : 3 * gaps[gaps.Count / 2];
        return threeScrapes > AtLeast ? threeScrapes : AtLeast;
    }

    /// <summary>How far back to read: a window of four looks bridges a failed one; two minutes bridge usual scrape intervals.</summary>
    /// <param name="interval">The time between two looks.</param>
    public static TimeSpan Window(TimeSpan interval) => 4 * interval > TimeSpan.FromMinutes(2) ? 4 * interval : TimeSpan.FromMinutes(2);
}
