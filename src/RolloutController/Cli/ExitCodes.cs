namespace RolloutController.Cli;

/// <summary>The exit codes of the commands that ask a cluster, for pipelines; see <c>docs/cli.md</c>.</summary>
internal static class ExitCodes
{
    /// <summary>It is done; of <c>status</c>: the version asked for has all the traffic.</summary>
    public const int Done = 0;

    /// <summary>It failed: the cluster does not answer, refuses it, or has no such Rollout, or the operation was refused.</summary>
    public const int Failed = 1;

    /// <summary>The command line is none.</summary>
    public const int Usage = 2;

    /// <summary>The version asked for was rolled back or undone.</summary>
    public const int RolledBack = 3;

    /// <summary>It goes no further without a person: it is paused, stalled, or cannot be carried out as it is written.</summary>
    public const int NeedsPerson = 4;

    /// <summary>It is not over: <c>--timeout</c> passed, or nobody waited.</summary>
    public const int NotOver = 5;

    /// <summary>It was ended by Ctrl+C or SIGTERM; of <c>watch</c> that is <see cref="Done"/>.</summary>
    public const int Interrupted = 130;
}
