using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Hosting.Page;

namespace RolloutController.Cli.Reading;

/// <summary>How a rollout stands for a pipeline that waits for it.</summary>
internal enum RolloutOutcome
{
    /// <summary>It is under way, or the controller has not seen the newest spec.</summary>
    UnderWay,

    /// <summary>The version asked for has all the traffic.</summary>
    Promoted,

    /// <summary>It was rolled back or undone, and another version has all the traffic.</summary>
    RolledBack,

    /// <summary>It does not go on without a person.</summary>
    NeedsPerson,
}

/// <summary>Reads <see cref="RolloutOutcome"/> from a status.</summary>
internal static class RolloutOutcomes
{
    private const string OutsideWindow = "OutsideWindow";

    /// <summary>How a Rollout stands. What waits for a window goes on by itself.</summary>
    public static RolloutOutcome Of(RolloutObject rollout)
    {
        var status = rollout.Status;
        if (status.ObservedGeneration < rollout.Metadata.Generation)
            return RolloutOutcome.UnderWay;
        return status.Phase switch
        {
            Phase.Healthy when Is(status, "Succeeded") => RolloutOutcome.Promoted,
            Phase.RolledBack => RolloutOutcome.RolledBack,
            Phase.Invalid => RolloutOutcome.NeedsPerson,
            Phase.Paused when RolloutViews.Reason(status) != OutsideWindow => RolloutOutcome.NeedsPerson,
            _ when Is(status, "Stalled") => RolloutOutcome.NeedsPerson,
            _ => RolloutOutcome.UnderWay,
        };
    }

    /// <summary>The exit code of an outcome.</summary>
    public static int ExitCode(RolloutOutcome outcome) => outcome switch
    {
        RolloutOutcome.Promoted => ExitCodes.Done,
        RolloutOutcome.RolledBack => ExitCodes.RolledBack,
        RolloutOutcome.NeedsPerson => ExitCodes.NeedsPerson,
        _ => ExitCodes.NotOver,
    };

    private static bool Is(RolloutStatus status, string condition) => status.Conditions.Any(each => each.Type == condition && each.Status == "True");
}
