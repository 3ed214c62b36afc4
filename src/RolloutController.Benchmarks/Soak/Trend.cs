namespace RolloutController.Benchmarks.Soak;

/// <summary>A straight line through values that are equally far apart, by least squares.</summary>
/// <param name="Level">Their mean.</param>
/// <param name="Growth">How much the line rises from the first to the last.</param>
/// <param name="Error">The standard error of that.</param>
internal readonly record struct Trend(double Level, double Growth, double Error)
{
    /// <summary>Fits the line.</summary>
    /// <param name="values">Three values at least.</param>
    public static Trend Of(IReadOnlyList<double> values)
    {
        var (count, level) = (values.Count, values.Average());
        var middle = (count - 1) / 2.0;
        var spread = values.Select((_, at) => (at - middle) * (at - middle)).Sum();
        var slope = values.Select((value, at) => (at - middle) * (value - level)).Sum() / spread;
        var rest = values.Select((value, at) => value - level - (slope * (at - middle))).Sum(residual => residual * residual);
        return new Trend(level, slope * (count - 1), Math.Sqrt(rest / (count - 2) / spread) * (count - 1));
    }

    /// <summary>Whether it grows by more than that, chance apart.</summary>
    public bool GrowsBeyond(double tolerance) => Growth - (3 * Error) > 0 && Growth > tolerance;
}
