using RolloutController.Api;
using RolloutController.Cli.Output;
using RolloutController.Control.Intents;
using RolloutController.Hosting.Page;
using RolloutController.Planning;
using Spectre.Console;

namespace RolloutController.Cli.Reading;

/// <summary>Why a Rollout is where it is, and what it takes to go on: what <c>status</c> says, put to a person who sees it for the first time.</summary>
/// <param name="snapshot">The Rollout.</param>
/// <param name="times">Writes moments.</param>
/// <param name="hint">Makes a command for this Rollout.</param>
internal sealed class Explanation(RolloutSnapshot snapshot, Times times, Func<string, string> hint)
{
    private readonly RolloutDetail _detail = RolloutViews.Detail(snapshot.Rollout, snapshot.Sets);

    private RolloutSpec Spec => snapshot.Rollout.Spec;

    private RolloutStatus Status => snapshot.Rollout.Status;

    /// <summary>The lines, as markup.</summary>
    public IEnumerable<string> Lines() =>
    [
        Tone.Paint(Where(), Tone.Strong),
        .. Reasons().Select(Markup.Escape),
        .. Part("It goes on when", Awaited()),
        .. Part("It goes back when", Dangers()),
        .. Choices(),
    ];

    private string Where()
    {
        var name = snapshot.Rollout.Metadata.Name;
        if (Status.Message.Length == 0)
            return $"The controller has not looked at {name} yet.";
        return Status.State switch
        {
            AtRest rest when Status.Phase == Phase.Healthy => $"{name} is at rest: {rest.Revision} is the version asked for, and has all the traffic.",
            AtRest rest when Status.Phase == Phase.RolledBack => $"{name} is at rest, with {rest.Revision} and not the version asked for.",
            AtRest rest => $"{name} is at rest with {rest.Revision}; the version asked for has not set out.",
            Progressing { IsAtGates: true } step => $"{name} asks the gates of {step.Canary}, which has no traffic yet.",
            Progressing { Stage: StepStage.Raising } step => $"{name} is on the way to step {Status.Step}: {Share(step.Weight)} for {step.Canary}, beside {step.Stable}.",
            Progressing { Stage: StepStage.Monitoring } step => $"{name} has all steps behind it: {step.Canary} has all the traffic and is monitored, with {step.Stable} at hand.",
            Progressing step => $"{name} is at step {Status.Step}: {step.Canary} has {Share(step.Weight)} and is judged, beside {step.Stable}.",
            Promoting promoting => $"{name} promotes {promoting.Canary}, and puts everything of yours back to how you applied it.",
            RollingBack back => $"{name} goes back from {back.Canary} to {back.Stable}.",
            Deploying first => $"{name} deploys its first version, {first.Revision}, which has no steps: there is nothing to go back to.",
            _ => $"{name} has not begun.",
        };
    }

    private IEnumerable<string> Reasons()
    {
        if (Status.Message.Length > 0)
            yield return $"The controller says: {Status.Message}";
        if (_detail.Summary.IsOutdated)
            yield return "The spec is newer than that. Where it stays so, the controller does not run: kubectl -n rollout-system get pods";
        if (_detail.Summary.IsStalled)
            yield return $"It cannot go on without you ({_detail.Summary.Reason}), since {times.Full(_detail.Summary.Since ?? times.Now)}.";
        if (Status.Phase is Phase.RolledBack or Phase.RollingBack && Status.LastRollback is { } rollback)
            yield return $"Rolled back at {times.Full(rollback.Time)}: check {rollback.Check} ({rollback.Reason}){Measured(rollback)}.";
        if ((Status.State as InFlight)?.Waiver is { } waiver)
            yield return $"A person took it on themselves: {waiver}.";
    }

    private static string Measured(Rollback rollback) => rollback is { Value: { } value, Threshold: { } threshold }
        ? $", {value} where {threshold} is the limit{(rollback is { Requests: { } requests, Errors: { } errors } ? FormattableString.Invariant($", {errors:N0} of {requests:N0} requests") : "")}"
        : "";

    private IEnumerable<string> Awaited() => Status.State switch
    {
        Progressing step => Awaited(step),
        AtRest when Status.Phase == Phase.Paused => [Spec.Paused ? $"spec.paused is false: {hint("resume {}")}" : "one of spec.windows opens"],
        _ => [],
    };

    private IEnumerable<string> Awaited(Progressing step)
    {
        if (Spec.Paused)
            yield return $"spec.paused is false: {hint("resume {}")}";
        foreach (var revision in _detail.Revisions.Where(revision => revision.Revision == step.Canary && revision.Ready < revision.Replicas))
        {
            yield return FormattableString.Invariant($"all {revision.Replicas} pods of {step.Canary} are ready; {revision.Ready} are")
                + (revision.Pods.FirstOrDefault(pod => pod.Trouble.Length > 0) is { } pod ? $"; pod {pod.Name}: {pod.Trouble}" : "");
        }

        if (step.Stage == StepStage.Raising)
            yield return $"its pods have ready endpoints, the route carries {Share(step.Weight)}, and its gateway has accepted it";
        if (step.Skip is null && _detail.HoldsUntil is { } until && until > times.Now)
            yield return $"it has been held for {GatewayDuration.Format(Spec.HoldAt(step))}: until {times.Short(until)}, {Times.Length(until - times.Now)} from now";
        if (step.Skip is null && _detail is { Evidence: { } evidence, Rule: { } rule } && step.IsJudged && RolloutViews.StateOf(evidence, rule) != CheckState.Fine)
            yield return FormattableString.Invariant($"the error rate passes: {evidence.Errors:N0} of {evidence.Requests:N0} requests failed, at most {rule.Max}{(evidence.Needed > evidence.Requests ? $", {evidence.Needed:N0} requests needed" : "")}");
        foreach (var check in _detail.Checks.Where(check => step.Skip is null && check.State != CheckState.Fine))
            yield return $"{(step.IsAtGates ? "gate" : "check")} {check.Name} passes: {check.Message}";
        if (step is { Stage: StepStage.Judging, Approved: false, Skip: null } && Spec.StepAt(step.Weight).Pause)
            yield return $"a person lets this step go on: {hint("promote {}")}";
        if (RolloutWindows.Of(Spec) is { } windows && !windows.AreOpen(times.Now))
            yield return $"one of spec.windows opens: {times.Full(windows.NextOpening(times.Now))}";
    }

    private IEnumerable<string> Dangers()
    {
        if (Status.State is not Progressing step)
            yield break;
        yield return $"pods of {step.Canary} crash, or take longer than {GatewayDuration.Format(Spec.ProgressDeadline)} (progressDeadline) to become ready";
        if (step.Skip == SkipScope.Rest)
            yield break;
        string[] judged = step.IsAtGates ? [.. Spec.Gates.Select(gate => gate.Name)] : [.. _detail.Rule is null ? Array.Empty<string>() : ["errorRate"], .. (Spec.Analysis?.Checks ?? []).Select(check => check.Name)];
        if (judged.Length > 0)
            yield return $"one of these fails: {string.Join(", ", judged)}";
    }

    private IEnumerable<string> Choices()
    {
        var table = new TextTable();
        foreach (var intent in Intent.Possible(Spec, Status))
            table.Add(hint(Intents.Command(intent.Verb)), Means(intent.Verb));
        if (Status.State is AtRest && Status.History.Count > 1)
            table.Add(hint("undo {}"), "go to the version before");
        return Block("You can", table.Lines("  - "));
    }

    private static string Means(IntentVerb verb) => verb switch
    {
        IntentVerb.Promote => "let this step go on",
        IntentVerb.PromoteFull => "give the new version all the traffic, without further steps and judgement",
        IntentVerb.Skip => "go on from this step without its judgement",
        IntentVerb.Abort => "send all traffic back",
        IntentVerb.Retry => "try the version that failed again",
        IntentVerb.Pause => "freeze progress; it still goes back when it fails",
        IntentVerb.Resume => "let it go on",
        _ => "",
    };

    private static IEnumerable<string> Part(string title, IEnumerable<string> lines) => Block(title, lines.Select(line => $"  - {Markup.Escape(line)}"));

    private static IEnumerable<string> Block(string title, IEnumerable<string> lines)
    {
        var list = lines.ToList();
        return list.Count == 0 ? [] : ["", Tone.Paint(title, Tone.Strong), .. list];
    }

    private static string Share(int weight) => weight == 0 ? "the matched requests" : FormattableString.Invariant($"{weight} % of the traffic");
}
