using System.Globalization;
using RolloutController.Api;
using RolloutController.Cli.Output;
using RolloutController.Control.Intents;
using RolloutController.Hosting.Page;
using Spectre.Console;

namespace RolloutController.Cli.Reading;

/// <summary>Everything about one Rollout on a screen: what the page shows, in text.</summary>
/// <param name="snapshot">The Rollout.</param>
/// <param name="times">Writes moments.</param>
/// <param name="hint">Makes a command for this Rollout.</param>
internal sealed class Description(RolloutSnapshot snapshot, Times times, Func<string, string> hint)
{
    private const int BarWidth = 30;
    private const int ShownPods = 5;
    private const int ShownHistory = 5;

    private readonly RolloutDetail _detail = RolloutViews.Detail(snapshot.Rollout, snapshot.Sets);

    private RolloutSpec Spec => snapshot.Rollout.Spec;

    private RolloutStatus Status => snapshot.Rollout.Status;

    /// <summary>The lines, as markup.</summary>
    public IEnumerable<string> Lines() => [.. Head(), .. Steps(), .. Checks(), .. Revisions(), .. Past(), .. Commands()];

    private List<string> Head()
    {
        var summary = _detail.Summary;
        var table = new TextTable();
        table.Add("Rollout", new Cell($"{summary.Namespace}/{summary.Name}", Tone.Strong));
        var status = RolloutTable.Status(snapshot.Rollout);
        table.Add("Status", new Cell(summary.Reason.Length > 0 && summary.Reason != status.Text ? $"{status.Text} ({summary.Reason})" : status.Text, status.Style));
        if (summary.Since is { } since)
            table.Add("Since", $"{times.Full(since)}, {times.Age(since)} ago");
        table.Add("Message", summary.Message.Length > 0 ? summary.Message : "the controller has not looked at it yet");
        if (summary.IsOutdated)
            table.Add("", new Cell("the spec was changed since; the controller looks at it next", Tone.Waits));
        if (summary.IsPaused)
            table.Add("Paused", new Cell("by spec.paused", Tone.Waits));
        table.Add("Stable", Version(summary.Stable));
        if (summary.Canary is not null)
            table.Add("Canary", Version(summary.Canary));
        table.Add("Traffic", _detail.Traffic is { } traffic ? $"Service {traffic.Service}, by {string.Join(", ", traffic.Routes)}" : "by pod counts");
        table.Add("Pods", FormattableString.Invariant($"{summary.ReadyReplicas} ready, {summary.Replicas} asked for at rest"));
        var lines = table.Lines().ToList();
        return summary.Canary is null ? lines : [.. lines, Bar(summary.Weight)];
    }

    private string Bar(int weight)
    {
        var filled = BarWidth * Math.Clamp(weight, 0, 100) / 100;
        return $"Weight    {Tone.Paint(new string('█', filled), Tone.Of(Status.Phase))}{Tone.Paint(new string('░', BarWidth - filled), Tone.Quiet)} {weight.ToString(CultureInfo.InvariantCulture)} %";
    }

    private IEnumerable<string> Steps()
    {
        var table = new TextTable();
        if (Spec.Gates.Count > 0)
            table.Add("gates", _detail.IsAtGates ? new Cell("now", Tone.Busy) : "", string.Join(", ", Spec.Gates.Select(gate => gate.Name)));
        foreach (var step in _detail.Summary.Steps)
            table.Add(FormattableString.Invariant($"{step.Weight,3} %"), Place(step.Place), $"hold {GatewayDuration.Format(TimeSpan.FromSeconds(step.HoldSeconds))}{(step.Pause ? ", then a person" : "")}{Until(step)}");
        if (Spec.Monitor is { } monitor)
            table.Add("monitor", Status.State is Progressing { Stage: StepStage.Monitoring } ? new Cell("now", Tone.Busy) : "", $"{GatewayDuration.Format(monitor.Duration)}{(Status.State is Progressing { Stage: StepStage.Monitoring } ? Until() : "")}");
        var waiver = (Status.State as InFlight)?.Waiver;
        return ["", Title("Steps"), .. table.Lines("  "), .. waiver is null ? Array.Empty<string>() : [$"  {Tone.Paint($"{waiver}", Tone.Waits)}"]];
    }

    private string Until(StepView step) => step.Place == StepPlace.Judging && Status.State is Progressing { Stage: StepStage.Judging } ? Until() : "";

    private string Until() => _detail.HoldsUntil is { } until ? until > times.Now ? $", until {times.Short(until)}" : ", over" : "";

    private static Cell Place(StepPlace place) => place switch
    {
        StepPlace.Passed => new Cell("done", Tone.Good),
        StepPlace.Raising => new Cell("on the way", Tone.Busy),
        StepPlace.Judging => new Cell("now", Tone.Busy),
        _ => "",
    };

    /// <summary>What is looked at now, each value beside what it may be.</summary>
    private IEnumerable<string> Checks()
    {
        var table = new TextTable("CHECK", "STATE", "VALUE", "LIMIT", "FOUND");
        if (_detail.Evidence is { } evidence && _detail.Rule is { } rule && !_detail.IsAtGates)
            table.Add("errorRate", State(RolloutViews.StateOf(evidence, rule)), Rate(evidence), rule.Max, Counted(evidence));
        foreach (var check in _detail.Checks)
        {
            var found = Status.Evidence?.Checks?.FirstOrDefault(one => one.Name == check.Name);
            table.Add(check.Name, State(check.State), found?.Value ?? "-", found?.Threshold ?? "-", check.Message);
        }

        var lines = table.Lines("  ").ToList();
        return lines.Count <= 1 ? [] : ["", Title(_detail.IsAtGates ? "Gates" : "Checks"), .. lines];
    }

    private static string Rate(EvidenceView evidence) => evidence.Requests == 0 ? "-" : FormattableString.Invariant($"{100.0 * evidence.Errors / evidence.Requests:0.##} %");

    private string Counted(EvidenceView evidence)
    {
        var counted = FormattableString.Invariant($"{evidence.Errors:N0} of {evidence.Requests:N0} requests failed");
        var needed = evidence.Needed > evidence.Requests ? FormattableString.Invariant($"; {evidence.Needed:N0} needed") : "";
        var next = evidence.NextLook is { } look ? $"; next look {times.Short(look)}" : "";
        return evidence.Class is "Ok" or "" ? counted + needed + next : $"{evidence.Class}: {evidence.Message}; {counted}{next}";
    }

    private static Cell State(CheckState state) => state switch
    {
        CheckState.Fine => new Cell("fine", Tone.Good),
        CheckState.Critical => new Cell("critical", Tone.Bad),
        _ => new Cell("waits", Tone.Waits),
    };

    private IEnumerable<string> Revisions()
    {
        if (snapshot.IsPartial)
            return ["", Title("Pods"), $"  {Tone.Paint("your rights do not let you see its ReplicaSets and pods", Tone.Waits)}"];
        var table = new TextTable("REVISION", "ROLE", "READY", "AGE", "IMAGES");
        foreach (var revision in _detail.Revisions)
        {
            table.Add(
                revision.Revision, new Cell(revision.Role.ToString().ToLowerInvariant(), Role(revision.Role)), FormattableString.Invariant($"{revision.Ready}/{revision.Replicas}"),
                times.Age(revision.CreatedAt), string.Join(", ", revision.Images));
            foreach (var pod in revision.Pods.Where(pod => pod.Trouble.Length > 0 && !pod.Ready).Take(ShownPods))
                table.Add($"  {pod.Name}", new Cell(pod.Phase, Tone.Waits), "", times.Age(pod.CreatedAt), pod.Trouble);
        }

        return _detail.Revisions.Count == 0 ? [] : ["", Title("Pods"), .. table.Lines("  ")];
    }

    private static string? Role(RevisionRole role) => role switch
    {
        RevisionRole.Stable => Tone.Good,
        RevisionRole.Canary => Tone.Busy,
        RevisionRole.Failed => Tone.Bad,
        _ => null,
    };

    private IEnumerable<string> Past()
    {
        var history = HistoryTable.Lines(snapshot, times, ShownHistory).Select(line => $"  {line}").ToList();
        return
        [
            .. _detail.LastRollback is { } rollback ? Note("Last rollback", $"{times.Full(rollback.Time)}: {rollback.Revision}, check {rollback.Check}: {rollback.Message}") : [],
            .. _detail.Operation is { } asked ? Note("Last operation", $"{times.Full(asked.Time)}: {asked.Verb}, {asked.Outcome.ToString().ToLowerInvariant()}: {asked.Message}") : [],
            .. history.Count == 0 ? Array.Empty<string>() : ["", Title("History"), .. history],
        ];
    }

    private static string[] Note(string title, string text) => ["", Title(title), $"  {Markup.Escape(text)}"];

    private IEnumerable<string> Commands()
    {
        string[] commands = [.. Intent.Possible(Spec, Status).Select(intent => hint(Intents.Command(intent.Verb)))];
        return commands.Length == 0 ? [] : ["", Title("You can"), .. commands.Select(command => $"  {Markup.Escape(command)}")];
    }

    private static string Version(RevisionName? version) => version is null ? "-" : version.Images.Count == 0 ? version.Revision : $"{version.Revision} ({string.Join(", ", version.Images)})";

    private static string Title(string text) => Tone.Paint(text, Tone.Strong);
}
