using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>
/// Tells people how long the slowest requests of a version take. Nothing is judged by it: of few requests it is mostly noise, and what lies in
/// the last bucket can never be seen to rise.
/// </summary>
/// <param name="provider">Where to ask.</param>
/// <param name="selectors">The histogram.</param>
/// <param name="arm">The version.</param>
internal sealed class SlowestHundredth(IMetricProvider provider, LatencySelectors selectors, ArmIdentity arm)
{
    /// <summary>A sentence; empty where nobody knows, which is no fault.</summary>
    public async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        selectors.Unit is { } unit
        && await provider.ReadAsync(selectors.SlowestHundredth(arm, provider.NamespaceLabel), cancellationToken) is MetricReading.Found { Series: [var only] }
        && only.Points[^1].Value is >= 0 and < 1e9 and var value
            ? $"99 of 100 took about {Text(unit * value)} or less"
            : "";

    private static string Text(TimeSpan time) => time < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");
}
