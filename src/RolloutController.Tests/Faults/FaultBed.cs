using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Faults;

/// <summary>
/// A cluster with users, a gateway, nodes and a Prometheus in virtual time, and any number of processes of the whole, unchanged controller
/// one after another or beside each other, with faults wherever a process meets the world.
/// </summary>
/// <remarks>
/// A test plays a story with faults, <c>FaultBed.Play(Stories.Promote, [new Fault.Crash(40, After: true)])</c>, and the run that comes back
/// holds what was called and committed and which laws were broken: <c>run.Require()</c> fails with all of it where any was. Or it tells a
/// story of its own, <c>FaultBed.Play(new FaultStory("mine", fields, async bed => { ... }), faults)</c>, with the members of this class. The
/// laws are checked in either case: at each commit (<see cref="CommitLaws"/>), and once the faults are off and all is quiet
/// (<see cref="EndLaws"/>).
/// </remarks>
internal sealed class FaultBed : IDisposable
{
    /// <summary>How long an event is late.</summary>
    public static readonly TimeSpan ViewDelay = TimeSpan.FromSeconds(7);

    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);
    private static readonly TimeSpan RestartTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Stage _stage;
    private readonly List<Fault> _faults;
    private readonly List<ControllerInstance> _processes = [];
    private readonly HashSet<string> _failing = [];
    private readonly Dictionary<string, double> _failingFrom = [];
    private readonly List<Fault.Refusal> _refusals = [];
    private readonly Dictionary<string, int> _refused = [];
    private readonly HashSet<int> _judgedAt = [];
    private string _shipped = "";
    private readonly Random _random;
    private bool _isOver;
    private int _queries;
    private int _operations;

    private FaultBed(FaultStory story, int seed, IReadOnlyList<Fault> faults)
    {
        (Settings, _faults, _random) = (story.Settings, [.. faults], new Random(seed));
        var stream = StagePlan.StreamOf("default", "shop", new TrafficSpec { Service = "shop", Routes = [new RouteReference { Name = "shop" }] }, Settings.RequestsPerSecond);
        var plan = new StagePlan(stream with { RequestsPerSecond = _ => Rollout is null ? 0 : Settings.RequestsPerSecond }, Settings.Pods, Serve) { Seed = seed, ScrapeInterval = Settings.ScrapeInterval };
        _stage = new Stage(plan, Time, NullLoggerFactory.Instance);
        Laws = new CommitLaws(this);
        Cluster.Committed += Note;
    }

    /// <summary>The world's time.</summary>
    public VirtualTime Time { get; } = new(Start);

    /// <summary>The moment.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>How long the run has lasted.</summary>
    public TimeSpan Elapsed => Time.Elapsed;

    /// <summary>How it is set up.</summary>
    public FaultSettings Settings { get; }

    /// <summary>The cluster.</summary>
    public EmbeddedCluster Cluster => _stage.Cluster;

    /// <summary>The Prometheus.</summary>
    public SimulatedPrometheus Prometheus => _stage.Prometheus;

    /// <summary>The requests of users.</summary>
    public SimulatedRequests Requests => _stage.Requests;

    /// <summary>What happened.</summary>
    public Journal Journal { get; } = new();

    /// <summary>The laws that hold at each commit.</summary>
    public CommitLaws Laws { get; }

    /// <summary>The processes, in the order in which they were started.</summary>
    public IReadOnlyList<ControllerInstance> Processes => _processes;

    /// <summary>The call that is being answered, so that a commit is known to be its own; null where nobody's is.</summary>
    public ApiCall? Writing { get; set; }

    /// <summary>The version of the last commit.</summary>
    public long Version { get; private set; }

    /// <summary>How old an API server the next process meets; null for none that lags.</summary>
    public (long Version, TimeSpan For)? NextLag { get; set; }

    /// <summary>Whether the provider <c>slow</c> gives no answer.</summary>
    public bool SlowHangs { get; set; }

    /// <summary>The Rollout of the story as it is; null where there is none.</summary>
    public RolloutObject? Rollout { get; private set; }

    /// <summary>The status as it is.</summary>
    public RolloutStatus Status => Rollout?.Status ?? new RolloutStatus();

    /// <summary>Plays a story with faults.</summary>
    /// <param name="story">The story.</param>
    /// <param name="faults">The faults.</param>
    /// <param name="seed">What chance is drawn from.</param>
    public static FaultRun Play(FaultStory story, IReadOnlyList<Fault> faults, int seed = 1)
    {
        using var bed = new FaultBed(story, seed, faults);
        var exitCode = Environment.ExitCode;
        try
        {
            bed.Time.Run(() => bed.PlayAsync(story));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            bed.Laws.Broken($"the run ended early: {(failure is AssertionException ? failure.Message : failure)}");
        }
        finally
        {
            // A controller that lost its lease wants this process to tell.
            Environment.ExitCode = exitCode;
        }
        return new FaultRun(story, seed, faults, bed.Journal, EndState.Of(bed.Cluster), [.. bed.Laws.Violations]);
    }

    /// <summary>Applies manifests; a Rollout's namespace is <c>default</c>.</summary>
    public void Apply(string manifests)
    {
        foreach (var manifest in Yaml.ParseAll(manifests))
        {
            manifest["metadata"]!["namespace"] = "default";
            Cluster.Create(Cluster.Resources.OfKind((string)manifest["apiVersion"]!, (string)manifest["kind"]!)!.Plural, manifest);
        }
    }

    /// <summary>Changes the Rollout.</summary>
    public void Change(Action<JsonObject> change) => Cluster.Change("rollouts", "default", "shop", change);

    /// <summary>Writes another image into the template.</summary>
    public void Ship(string version)
    {
        Laws.Asks(version);
        _judgedAt.Clear();
        _shipped = version;
        if (Settings.Workload)
            Cluster.Change("deployments", "default", "shop", deployment => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = $"shop:{version}");
        else
            Change(rollout => rollout["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = $"shop:{version}");
    }

    /// <summary>Asks for an operation.</summary>
    public void Operate(OperationVerb verb, string revision)
    {
        Laws.Asks(verb);
        Change(rollout => rollout["spec"]!["operation"] = new JsonObject { ["id"] = $"{++_operations}", ["verb"] = verb.ToString(), ["revision"] = revision });
    }

    /// <summary>From now on half the requests to a version fail.</summary>
    public void Fail(string version) => _failing.Add($"shop:{version}");

    /// <summary>From now on no request to a version fails.</summary>
    public void Heal(string version) => _failing.Remove($"shop:{version}");

    /// <summary>Half the requests to a version fail as soon as it is sent a share of all: from the first of them on, whatever a process is up to.</summary>
    public void FailFrom(string version, int percent) => _failingFrom[$"shop:{version}"] = (percent / 100.0) - 0.01;

    /// <summary>Has running pods of a version turn to something else.</summary>
    public void Turn(string version, PodConduct conduct) => _stage.Turn(pod => ImageOf(pod.Json["spec"]!) == $"shop:{version}", conduct);

    /// <summary>Has one pod turn to something else.</summary>
    public void Turn(StoredObject which, PodConduct conduct) => _stage.Turn(pod => pod.Uid == which.Uid, conduct);

    /// <summary>The pods of a version that are not on their way out.</summary>
    public IReadOnlyList<StoredObject> PodsOf(string version) => [.. Cluster.List("pods", "default").Where(pod => !pod.IsTerminating && ImageOf(pod.Json["spec"]!) == $"shop:{version}")];

    /// <summary>The revision of a version; empty before it has a ReplicaSet.</summary>
    public string RevisionOf(string version) => Cluster.List("replicasets", "default")
        .FirstOrDefault(set => ImageOf(set.Json["spec"]!["template"]!["spec"]!) == $"shop:{version}")?.Json["metadata"]!["labels"]!["pod-template-hash"]!.GetValue<string>() ?? "";

    /// <summary>Lets time pass.</summary>
    public Task PassAsync(TimeSpan time) => Task.Delay(time, Time, _stop.Token);

    /// <summary>Lets time pass until something is so.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var end = Now + Patience; !condition(); await PassAsync(LookInterval))
        {
            Laws.Look();
            if (Now > end)
                throw new AssertionException($"Waited in vain for {what}; the status says {Status.State}: {Status.Message}");
        }
    }

    /// <summary>Lets time pass until the version that was shipped last is judged at a weight, or has been: a process that stood still may be past it at once.</summary>
    public Task UntilJudgedAsync(int weight) => UntilAsync(() => _judgedAt.Contains(weight), $"{weight} %");

    /// <summary>Lets time pass until it is at rest with a version, and nothing is left of a rollout.</summary>
    public Task UntilAtRestAsync(string version) => UntilAsync(
        () => Status.State is AtRest rest && rest.Revision == RevisionOf(version) && Rollout!.Metadata.Finalizers.Count == 0 && Status.AvailableReplicas == Settings.PodCount,
        $"version {version} to be at rest");

    /// <summary>Starts one more process.</summary>
    public async Task<ControllerInstance> StartAsync()
    {
        var process = new ControllerInstance(this, _processes.Count + 1, _random.Next());
        if (NextLag is { } lag)
            (process.Lag, NextLag) = ((lag.Version, Now + lag.For), null);
        _processes.Add(process);
        await process.StartAsync();
        return process;
    }

    /// <summary>Takes note of a call that begins.</summary>
    public ApiCall Begin(ControllerInstance process, HttpRequestMessage request)
    {
        var call = ApiCall.Read(Journal.Calls.Count + 1, process.Number, request, Cluster, Elapsed);
        Journal.Add(call);
        Laws.Check(call, process);
        return call;
    }

    /// <summary>Takes note of what was answered.</summary>
    public void End(ApiCall call, HttpResponseMessage answer) => Journal.Add(call, (int)answer.StatusCode);

    /// <summary>Takes note of an event that a process is about to see.</summary>
    public void Saw(ViewedEvent viewed, ReadOnlySpan<byte> line) => Journal.Add(viewed, line);

    /// <summary>The fault at a call; null for none.</summary>
    public Fault? FaultAt(ApiCall call)
    {
        if (_isOver)
            return null;
        var fault = _faults.OfType<Fault.AtCall>().FirstOrDefault(fault => fault.Call == call.Number && fault is not Fault.View);
        if (fault is Fault.Refusal refusal)
        {
            Journal.Add(Elapsed, $"  {refusal}");
            if (refusal.Times > 1)
                _refused[call.Request] = refusal.Times - 1;
            if (refusal.Times > 1 || refusal.For > TimeSpan.Zero)
                _refusals.Add(refusal);
            return refusal;
        }
        if (fault is not null)
        {
            Journal.Add(Elapsed, $"  {fault}");
            return fault;
        }
        return _refusals.FirstOrDefault(earlier => Repeats(earlier, call));
    }

    /// <summary>What is to happen to a watch.</summary>
    public IReadOnlyList<Fault.View> ViewFaults(ApiCall call) => _isOver ? [] : [.. _faults.OfType<Fault.View>().Where(fault => fault.Call == call.Number)];

    /// <summary>What is to happen to the next query; null for nothing.</summary>
    public MetricsFault? MetricsFaultAt(ControllerInstance process)
    {
        var query = ++_queries;
        Journal.Queries = query;
        Journal.Add(Elapsed, $"query {query} of process {process.Number}");
        return _isOver ? null : _faults.OfType<Fault.Metrics>().FirstOrDefault(fault => query >= fault.Query && query < fault.Query + fault.Times)?.What;
    }

    /// <summary>A process is no more: another one starts in its place.</summary>
    public void Gone(ControllerInstance process)
    {
        Journal.Add(Elapsed, $"process {process.Number} ends");
        _ = ReplaceAsync();
    }

    /// <summary>Lets a process go on later.</summary>
    public void ThawLater(ControllerInstance process, TimeSpan after) => _ = ThawAsync(process, after);

    public void Dispose()
    {
        foreach (var process in _processes)
            process.Dispose();
        _stage.Dispose();
        _stop.Dispose();
    }

    private static string ImageOf(JsonNode podSpec) => (string)podSpec["containers"]![0]!["image"]!;

    private ServingQuality Serve(ServingMoment moment)
    {
        var image = ImageOf(moment.Pod.Json["spec"]!);
        return ServingQuality.Good with { ErrorRate = _failing.Contains(image) || (_failingFrom.TryGetValue(image, out var from) && moment.Share >= from) ? 0.5 : 0 };
    }

    private bool Repeats(Fault.Refusal earlier, ApiCall call)
    {
        if (Journal.Calls[earlier.Call - 1] is not { } first)
            return false;
        if (earlier.For > TimeSpan.Zero)
            return first.Verb == call.Verb && first.Plural == call.Plural && first.IsDryRun == call.IsDryRun && Elapsed - first.At < earlier.For;
        if (first.Request != call.Request || _refused.GetValueOrDefault(call.Request) <= 0)
            return false;
        _refused[call.Request]--;
        return true;
    }

    private async Task PlayAsync(FaultStory story)
    {
        var world = _stage.RunAsync(_stop.Token);
        try
        {
            for (var replica = 0; replica < Settings.Replicas; replica++)
                await StartAsync();
            Apply(story.Manifests);
            var giveUps = WatchOverAsync();
            await UntilAtRestAsync("1");
            // By then the gateway has taken up the route.
            await PassAsync(TimeSpan.FromSeconds(3));
            Requests.Begin();
            Journal.Begin();
            await TellAsync(story);
            await SettleAsync();
        }
        finally
        {
            _isOver = true;
            foreach (var process in _processes)
                await process.StopAsync();
            _stop.Cancel();
            await world;
        }
    }

    /// <summary>What a story waits for may never come where a process that was told the past took the version back (<see cref="FaultRun.Problems"/>).</summary>
    private async Task TellAsync(FaultStory story)
    {
        try
        {
            await story.Tell(this);
        }
        catch (AssertionException) when (FaultRun.BeginsInThePast(_faults) && Status is { State: AtRest, FailedRevision.Length: > 0 })
        {
            Journal.Add(Elapsed, "the story ends here: a version was taken back");
        }
    }

    /// <summary>The faults are off, and time goes on until all is quiet; then the laws of the end hold.</summary>
    private async Task SettleAsync()
    {
        _isOver = true;
        var quiet = TimeSpan.FromMinutes(3);
        for (var end = Now + TimeSpan.FromHours(2); Elapsed - Journal.LastWrite < quiet; await PassAsync(TimeSpan.FromSeconds(5)))
        {
            Laws.Look();
            if (Now > end)
            {
                Laws.Broken("I9: it does not come to rest");
                return;
            }
        }
        await EndLaws.CheckAsync(this);
    }

    private async Task ReplaceAsync()
    {
        await PassAsync(RestartTime);
        await StartAsync();
    }

    private async Task ThawAsync(ControllerInstance process, TimeSpan after)
    {
        await PassAsync(after);
        process.Thaw();
    }

    /// <summary>A process that gives up is started anew, as kubelet does.</summary>
    private async Task WatchOverAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await PassAsync(_isOver ? 10 * LookInterval : LookInterval);
            foreach (var process in _processes.Where(process => process.Lifetime.HasGivenUp && !process.IsDead).ToList())
                process.Kill();
        }
    }

    private void Note(ObjectChange change)
    {
        Version = change.Version;
        if (change.Object is { Plural: "rollouts", Name: "shop" })
        {
            Rollout = change.New is { } now ? JsonSerializer.Deserialize(now.Utf8.Span, RolloutObject.Kind.TypeInfo) : null;
            if (Status.State is Progressing { Stage: StepStage.Judging } step && step.Canary == RevisionOf(_shipped))
                _judgedAt.Add(step.Weight);
        }

        Journal.Add(Elapsed, change, Writing);
        Laws.Check(change, Writing);
    }
}
