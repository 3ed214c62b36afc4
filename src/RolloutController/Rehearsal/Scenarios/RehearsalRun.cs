using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>
/// One rehearsal: the user's objects are applied to an embedded cluster, the first version is deployed, requests begin, a new version is
/// shipped, and the unchanged controller does what it would do. All of it in virtual time.
/// </summary>
internal sealed class RehearsalRun : IDisposable
{
    /// <summary>The annotation by which pods of the new version are told from the others.</summary>
    public const string VersionAnnotation = "rollouts.dev/rehearsed-version";

    private static readonly TimeSpan FirstDeployment = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ApprovalAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(15);

    private readonly RehearsalInput _input;
    private readonly Scenario _scenario;
    private readonly RehearsalSettings _settings;
    private readonly VirtualTime _clock = new(RehearsalSettings.Start - FirstDeployment - WarmUp);
    private readonly Stage _stage;
    private readonly Chronicle _chronicle;
    private readonly CourseRecorder _course;
    private (long Total, long Failed, long Lost) _before;
    private string _approved = "";

    private RehearsalRun(RehearsalInput input, Scenario scenario, RehearsalSettings settings)
    {
        (_input, _scenario, _settings) = (input, scenario, settings);
        var spec = input.Spec;
        var plan = new StagePlan(StagePlan.StreamOf(input.Namespace, input.Service, spec.Traffic, settings.RequestsPerSecond), PodsOf, ServingOf)
        {
            Seed = settings.Seed,
            Answers = AnswerOf,
            Hooks = (check, revision) => (IsOld(revision) ? _scenario.Stable : _scenario.Canary).AnswerOf(check, _chronicle?.Elapsed ?? TimeSpan.Zero),
            ScrapeInterval = settings.ScrapeInterval,
            Provider = spec.Analysis?.Provider ?? "rehearsal",
            Spec = spec,
            Gauges = pod => ConductOf(VersionOf(pod)).Measured(_chronicle?.Elapsed ?? TimeSpan.Zero),
        };
        _stage = new Stage(plan, _clock, NullLoggerFactory.Instance);
        _chronicle = new Chronicle(_clock, () => Failed() - _before.Failed);
        _course = new CourseRecorder(_stage.Requests, VersionOf);
        _stage.Cluster.Committed += change =>
        {
            if (change.New is { Plural: "rollouts" } rollout && rollout.Namespace == input.Namespace && rollout.Name == input.Name)
                _chronicle.Take(rollout);
        };
    }

    /// <summary>Rehearses.</summary>
    /// <param name="input">The Rollout and what belongs to it.</param>
    /// <param name="scenario">What happens.</param>
    /// <param name="settings">What is assumed.</param>
    /// <param name="look">Looks at the cluster in the end.</param>
    /// <exception cref="ManifestException">An object is refused; the message names file, document and field.</exception>
    public static RehearsalResult Rehearse(RehearsalInput input, Scenario scenario, RehearsalSettings settings, Action<EmbeddedCluster>? look = null)
    {
        using var run = new RehearsalRun(input, scenario, settings);
        var outcome = Outcome.Stuck;
        run._clock.Run(async () => outcome = await run.RunAsync());
        look?.Invoke(run._stage.Cluster);
        return run.Result(outcome);
    }

    /// <inheritdoc/>
    public void Dispose() => _stage.Dispose();

    private async Task<Outcome> RunAsync()
    {
        using var stop = new CancellationTokenSource();
        var world = _stage.RunAsync(stop.Token);
        await _stage.Controller.StartAsync(stop.Token);
        try
        {
            foreach (var manifest in _input.Objects)
                Apply(manifest);
            return await PlayAsync(stop.Token);
        }
        finally
        {
            await _stage.Controller.StoppingAsync(CancellationToken.None);
            stop.Cancel();
            await world;
        }
    }

    private async Task<Outcome> PlayAsync(CancellationToken cancellationToken)
    {
        if (!await UntilAsync(status => status.Phase is Phase.Healthy or Phase.Invalid && IsAtRest(status), FirstDeployment, cancellationToken))
            return Outcome.Stuck;
        if (_chronicle.Rollout!.Status.Phase == Phase.Invalid)
            return Outcome.Invalid;
        await Task.Delay(RehearsalSettings.Start - WarmUp - _clock.GetUtcNow(), _clock, cancellationToken);
        _stage.Requests.Begin();
        await Task.Delay(WarmUp, _clock, cancellationToken);

        Ship("2");
        var world = WorldAsync(cancellationToken);
        var ended = await UntilAsync(HasEnded, TimeLimit(), cancellationToken);
        return !ended ? Outcome.Stuck : _chronicle.Rollout!.Status.Phase switch
        {
            Phase.Healthy => Outcome.Promoted,
            Phase.Invalid => Outcome.Invalid,
            _ => Outcome.RolledBack,
        };
    }

    /// <summary>The time that every step may take, and that of being monitored, twice: for a third version as well.</summary>
    private TimeSpan TimeLimit()
    {
        var steps = _input.Spec.Steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Hold + _input.Spec.ProgressDeadline + _input.Spec.ProgressDeadline);
        var outage = _scenario.PrometheusOutage is { } down && down.For < TimeSpan.FromHours(12) ? down.After + down.For : TimeSpan.Zero;
        var monitored = _input.Spec.Monitor is { } monitor ? monitor.Duration + _input.Spec.ProgressDeadline : TimeSpan.Zero;
        return (2 * (steps + monitored)) + outage + Margin;
    }

    private async Task<bool> UntilAsync(Func<RolloutStatus, bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var end = _clock.GetUtcNow() + limit;
        while (_clock.GetUtcNow() < end)
        {
            await Task.Delay(Look, _clock, cancellationToken);
            _course.Look(_chronicle.Elapsed);
            if (_chronicle.Rollout is not { } rollout)
                continue;
            if (rollout.Status.ObservedGeneration == rollout.Metadata.Generation && condition(rollout.Status))
                return true;
            Approve(rollout);
        }
        return false;
    }

    private static bool IsAtRest(RolloutStatus status) => status.State is AtRest || status.Phase == Phase.Invalid;

    private bool HasEnded(RolloutStatus status) =>
        IsAtRest(status) && status.Phase is Phase.Healthy or Phase.RolledBack or Phase.Invalid
        && (_scenario.SupersededAfter is not { } third || _chronicle.Elapsed > third + Look);

    /// <summary>A person lets a step that pauses go on.</summary>
    private void Approve(RolloutObject rollout)
    {
        if (rollout.Status is not { Phase: Phase.Paused, State: Progressing { Frozen: false } step } || _approved == $"{step.Canary}-{step.Weight}")
            return;
        if (_clock.GetUtcNow() - rollout.Status.Conditions[0].LastTransitionTime < ApprovalAfter && _chronicle.Entries[^1].At > _chronicle.Elapsed - ApprovalAfter)
            return;
        _approved = $"{step.Canary}-{step.Weight}";
        _chronicle.Tell("a person lets the rollout go on");
        _stage.Cluster.Change("rollouts", _input.Namespace, _input.Name, item => item["spec"]!["operation"] = new JsonObject
        {
            ["id"] = _approved,
            ["verb"] = "Promote",
            ["revision"] = step.Canary,
        });
    }

    private async Task WorldAsync(CancellationToken cancellationToken)
    {
        var outage = OutageAsync(cancellationToken);
        if (_scenario.SupersededAfter is { } after)
        {
            await Task.Delay(after, _clock, cancellationToken);
            _chronicle.Tell("a third version is shipped");
            Ship("3");
        }
        await outage;
    }

    private async Task OutageAsync(CancellationToken cancellationToken)
    {
        if (_scenario.PrometheusOutage is not { } outage)
            return;
        await Task.Delay(outage.After, _clock, cancellationToken);
        _chronicle.Tell("Prometheus does not answer any more");
        _stage.Prometheus.Fault = RolloutController.Rehearsal.Metrics.PrometheusFault.Down;
        await Task.Delay(outage.For, _clock, cancellationToken);
        _stage.Prometheus.Fault = RolloutController.Rehearsal.Metrics.PrometheusFault.None;
        _chronicle.Tell("Prometheus answers again");
    }

    private void Apply(Manifest manifest)
    {
        try
        {
            var resource = _stage.Cluster.Resources.OfKind(manifest.ApiVersion, manifest.Kind)!;
            _stage.Cluster.Create(resource, StoredObject.Reread(manifest.Json), new WriteOptions { FieldValidation = "Strict" });
        }
        catch (ApiFailure refused)
        {
            throw new ManifestException(manifest.Where, refused.Causes is [var cause, ..] ? cause.Field : "", refused.Causes is [var first, ..] ? first.Message : refused.Message);
        }
    }

    /// <summary>Changes the template, so that there is a new revision.</summary>
    private void Ship(string version)
    {
        if (version == "2")
        {
            var totals = _stage.Requests.Totals();
            _before = (totals.Sum(one => one.Counts.Total), Failed(), Lost());
            _course.Begin();
            _chronicle.Ship();
        }
        var (plural, name) = _input.Spec.WorkloadRef is { } workload ? ("deployments", workload.Name) : ("rollouts", _input.Name);
        _stage.Cluster.Change(plural, _input.Namespace, name, item =>
        {
            var template = item["spec"]!["template"]!.AsObject();
            if (template["metadata"] is not JsonObject metadata)
                template["metadata"] = metadata = [];
            if (metadata["annotations"] is not JsonObject annotations)
                metadata["annotations"] = annotations = [];
            annotations[VersionAnnotation] = version;
        });
    }

    private PodScript PodsOf(StoredObject pod) => pod.IsOfJob() ? JobOf(pod)
        : VersionOf(pod) == "2" ? _scenario.Canary.Pods
        : _scenario.Stable.Pods;

    private PodScript JobOf(StoredObject pod) => (pod.Label(Names.Check), pod.Label(Names.TriedRevision)) switch
    {
        (var check, { } revision) when IsOld(revision) => _scenario.Stable.JobOf(check),
        // A version whose gates come before its pods has no ReplicaSet yet.
        (var check, { }) => _scenario.Canary.JobOf(check),
        _ => PodScript.OfJob,
    };

    private bool IsOld(string revision) => VersionOf(revision) == "1" && (!_chronicle.IsShipped || _stage.Cluster.List("replicasets", _input.Namespace).Any(set => set.Revision() == revision));

    private VersionConduct ConductOf(string version) => version switch
    {
        "1" => _scenario.Stable,
        "2" => _scenario.Canary,
        _ => new VersionConduct(),
    };

    private ServingQuality ServingOf(ServingMoment moment) => VersionOf(moment.Pod) switch
    {
        "1" => _scenario.Stable.At(moment, _chronicle.Elapsed),
        "2" => _scenario.Canary.At(moment, _chronicle.Elapsed),
        _ => ServingQuality.Good,
    };

    private PodAnswer AnswerOf(PodRequest request) => VersionOf(request.Pod) switch
    {
        "1" => _scenario.Stable.Answer(request, _chronicle.Elapsed),
        "2" => _scenario.Canary.Answer(request, _chronicle.Elapsed),
        _ => PodAnswer.Good,
    };

    private static string VersionOf(StoredObject pod) => (string?)pod.Json["metadata"]!["annotations"]?[VersionAnnotation] ?? "1";

    private string VersionOf(string revision) => _stage.Cluster.List("replicasets", _input.Namespace)
        .Where(set => (string?)set.Json["metadata"]!["labels"]?["pod-template-hash"] == revision)
        .Select(set => (string?)set.Json["spec"]!["template"]?["metadata"]?["annotations"]?[VersionAnnotation] ?? "1")
        .FirstOrDefault("1");

    private long Failed() => _stage.Requests.Totals().Sum(one => one.Counts.Failed + one.Counts.Lost);

    private long Lost() => _stage.Requests.Totals().Sum(one => one.Counts.Lost);

    private RehearsalResult Result(Outcome outcome)
    {
        var totals = _stage.Requests.Totals();
        var ofNew = totals.Where(one => VersionOf(one.Revision) != "1").ToList();
        var requests = new RequestSummary(
            totals.Sum(one => one.Counts.Total) - _before.Total, Failed() - _before.Failed, Lost() - _before.Lost, ofNew.Sum(one => one.Counts.Total), ofNew.Sum(one => one.Counts.Failed + one.Counts.Lost),
            ofNew.Select(one => _stage.Requests.SlowestHundredth(one.Revision)).DefaultIfEmpty().Max());
        var status = _chronicle.Rollout?.Status;
        return new RehearsalResult(
            $"{_input.Namespace}/{_input.Name}", _scenario.Name, _scenario.Description, _settings, outcome, _scenario.Expected,
            status is { FailedRevision.Length: > 0 } ? status.LastRollback?.Check : null, _scenario.ExpectedCheck,
            _chronicle.Entries.Count == 0 ? TimeSpan.Zero : _chronicle.Entries[^1].At,
            status?.Message is { Length: > 0 } message ? message : "the controller has not looked at it",
            requests, [.. _input.Notes, .. Feasibility.Warnings(_input.Spec, _settings)], _chronicle.Entries, _course.Points);
    }
}
