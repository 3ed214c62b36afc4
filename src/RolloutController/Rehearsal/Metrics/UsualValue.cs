using RolloutController.Api;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>The value that a check measures while nothing is wrong: well within its limits.</summary>
internal static class UsualValue
{
    /// <summary>The value for a check.</summary>
    public static double Of(CheckSpec check)
    {
        LimitSpec?[] limits = [check.Warning, check.Critical];
        var highest = (double?)limits.Min(limit => limit?.Above?.Value);
        var lowest = (double?)limits.Max(limit => limit?.Below?.Value);
        return (highest, lowest) switch
        {
            ({ } above, { } below) => (above + below) / 2,
            ({ } above, null) => above > 0 ? above / 2 : above - 1,
            (null, { } below) => below > 0 ? below * 2 : below + 1,
            _ => 1,
        };
    }
}
