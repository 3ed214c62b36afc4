using RolloutController.Cli.Output;
using RolloutController.Control;
using RolloutController.Hosting.Page;
using Spectre.Console;

namespace RolloutController.Cli.Reading;

/// <summary>Where a Rollout is, as a line of a log.</summary>
internal static class ProgressLine
{
    /// <summary>What has to differ for another line: the count of requests does not.</summary>
    public static string Place(RolloutObject rollout) =>
        FormattableString.Invariant($"{rollout.Status.Phase} {rollout.Status.Step} {rollout.Status.Weight} {rollout.Status.CanaryRevision} {RolloutViews.Reason(rollout.Status)} {rollout.Spec.Paused}");

    /// <summary>The line, as markup.</summary>
    public static string Of(RolloutObject rollout, Times times)
    {
        var status = rollout.Status;
        var cell = RolloutTable.Status(rollout);
        return $"{times.Short(times.Now)}  {Tone.Paint($"{cell.Text,-11}", cell.Style!)}  {Markup.Escape(FormattableString.Invariant($"{status.Step,-5}  {status.Weight,3} %  {status.Message}"))}";
    }
}
