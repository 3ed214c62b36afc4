namespace RolloutController.Api;

/// <summary>The words that <see cref="Rollback.Reason"/> can be. They are values of a label, too, so they are few and all of them known beforehand.</summary>
public static class RollbackReasons
{
    /// <summary>The version carries traffic, and no pod of it is ready.</summary>
    public const string NoReadyPods = "NoReadyPods";

    /// <summary>Its pods did not become available in time, and nobody knows why.</summary>
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";

    /// <summary>A pod of it crashes again and again.</summary>
    public const string CrashLoop = "CrashLoop";

    /// <summary>Its image cannot be fetched.</summary>
    public const string ImagePull = "ImagePull";

    /// <summary>A probe of its pods fails.</summary>
    public const string ProbeFailing = "ProbeFailing";

    /// <summary>No node takes its pods.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>A check failed that has no value.</summary>
    public const string CheckFailed = "CheckFailed";

    /// <summary>A value is beyond a limit.</summary>
    public const string LimitExceeded = "LimitExceeded";

    /// <summary>Nothing is known, and <c>onNoData</c> says to go back then.</summary>
    public const string NoData = "NoData";

    /// <summary>Begins the reasons that errors give; one of <see cref="Breached"/>, <see cref="AboveThreshold"/> and <see cref="AboveStable"/> ends them.</summary>
    public const string ErrorRate = "ErrorRate";

    /// <summary>Begins the reasons that slow requests give, which end as those of errors.</summary>
    public const string Latency = "Latency";

    /// <summary>Ends a reason: above the threshold, and not by chance.</summary>
    public const string Breached = "Breached";

    /// <summary>Ends a reason: above the threshold for too long, maybe by chance.</summary>
    public const string AboveThreshold = "AboveThreshold";

    /// <summary>Ends a reason: far above the stable version.</summary>
    public const string AboveStable = "AboveStable";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        NoReadyPods, ProgressDeadlineExceeded, CrashLoop, ImagePull, ProbeFailing, Unschedulable, CheckFailed, LimitExceeded, NoData,
        .. new[] { ErrorRate, Latency }.SelectMany(rate => new[] { Breached, AboveThreshold, AboveStable }.Select(what => rate + what)),
        // What a person asked for is its own reason.
        nameof(RollbackCause.Aborted), nameof(RollbackCause.Undone),
    ];
}
