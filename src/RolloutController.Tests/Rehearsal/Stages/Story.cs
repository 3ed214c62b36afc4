using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Notifications;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Rehearsal.Scenarios;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>The Rollout <c>shop</c> of ten pods under the whole controller, in virtual time, with users, a gateway and a Prometheus; no request may be lost.</summary>
internal sealed class Story : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromDays(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly VirtualTime _clock;
    private readonly WatchfulLoggerFactory _log = new();
    private readonly Stage _stage;
    private readonly HashSet<string> _failing = [];
    private readonly List<RolloutStatus> _course = [];
    private int _operations;

    private Story(VirtualTime clock, Notifier? notifier)
    {
        _clock = clock;
        var stream = StagePlan.StreamOf("default", "shop", new TrafficSpec { Service = "shop", Routes = [new RouteReference { Name = "shop" }] }, RequestsPerSecond) with { MatchedShare = 0.02, RequestsPerSecond = _ => RequestsPerSecond };
        _stage = new Stage(new StagePlan(stream, _ => new PodScript(), Serve) { Notifier = notifier }, clock, _log);
        _stage.Cluster.Committed += change =>
        {
            if (change.New is not { Plural: "rollouts" } rollout)
                return;
            _course.Add(JsonSerializer.Deserialize(rollout.Utf8.Span, RolloutObject.Kind.TypeInfo)!.Status);
            Canary.AssertNotIn("A status", rollout.Json["status"]?.ToJsonString() ?? "");
        };
    }

    public DateTimeOffset Now => _clock.GetUtcNow();

    public EmbeddedCluster Cluster => _stage.Cluster;

    /// <summary>The pods of which every tenth request fails, by their specs, beside those of versions that do.</summary>
    public Predicate<JsonNode> Failing { get; set; } = _ => false;

    /// <summary>How many requests users send.</summary>
    public double RequestsPerSecond { get; set; } = 50;

    /// <summary>The gateway that they come through.</summary>
    public SimulatedGateway Gateway => _stage.Gateway;

    public RolloutStatus Status => _course[^1];

    /// <summary>Every status that was committed.</summary>
    public IReadOnlyList<RolloutStatus> Course => _course;

    /// <summary>Tells a story of the version <c>shop:1</c>, which is deployed when it begins.</summary>
    /// <param name="fields">Lines of the spec, such as <c>steps: [{weight: 100}]</c>.</param>
    /// <param name="start">When it begins.</param>
    /// <param name="tell">What happens.</param>
    /// <param name="notifier">Makes what tells people who do not look at the cluster.</param>
    /// <param name="prepare">Changes the cluster, and the Rollout before it is created; null for nothing.</param>
    public static void Tell(
        string fields, DateTimeOffset start, Func<Story, Task> tell, Func<TimeProvider, Notifier>? notifier = null, Action<Story, JsonObject>? prepare = null)
    {
        var clock = new VirtualTime(start - TimeSpan.FromMinutes(5));
        using var telling = notifier?.Invoke(clock);
        using var story = new Story(clock, telling);
        clock.Run(() => story.PlayAsync(fields, start, tell, prepare));
        Assert.That(story._stage.Requests.Totals().Sum(one => one.Counts.Lost), Is.Zero, "requests that met no ready pod");
        story.AssertSecretsWereKept();
    }

    /// <summary>Writes another image into the template.</summary>
    /// <returns>The revision that it asks for, once the controller knows it.</returns>
    public async Task<string> ShipAsync(string version)
    {
        Change(rollout => rollout["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = $"shop:{version}");
        await UntilAsync(_ => RevisionOf(version).Length > 0, $"version {version} to set out");
        return RevisionOf(version);
    }

    /// <summary>Merges YAML into the spec.</summary>
    public void Change(string yaml) => Change(rollout =>
    {
        foreach (var (name, value) in Yaml.Parse(yaml))
            rollout["spec"]![name] = value?.DeepClone();
    });

    /// <summary>Asks for an operation and waits until it was handled.</summary>
    public async Task<OperationResult> OperateAsync(OperationVerb verb, string revision)
    {
        var id = (++_operations).ToString(CultureInfo.InvariantCulture);
        Change($"operation: {{id: '{id}', verb: {verb}, revision: '{revision}'}}");
        await UntilAsync(status => status.Operation?.Id == id, $"operation {verb} of {revision}");
        return Status.Operation!;
    }

    /// <summary>From now on every tenth request to a version fails.</summary>
    public void Fail(string version) => _failing.Add($"shop:{version}");

    /// <summary>The revision of a version; empty before it has a ReplicaSet.</summary>
    public string RevisionOf(string version) => SetOf($"shop:{version}") is { } set ? set.Text("metadata.labels.pod-template-hash")! : "";

    /// <summary>What users wrote into the route, and what is added to it now.</summary>
    public string Route => _stage.Cluster.Find("httproutes", "default", "shop")!.Json["spec"]!.ToJsonString();

    /// <summary>The requests that came to a version.</summary>
    public long RequestsOf(string version) => _stage.Requests.Totals().Where(one => one.Revision == RevisionOf(version)).Sum(one => one.Counts.Total);

    /// <summary>The percentage of the requests that a version gets now.</summary>
    public double Share(string version) => 100 * _stage.Requests.Shares().GetValueOrDefault(RevisionOf(version));

    /// <summary>The pods of a version that are ready.</summary>
    public long ReadyPods(string version) => SetOf($"shop:{version}")?.Number("status.readyReplicas") ?? 0;

    /// <summary>Lets time pass until the status meets a condition.</summary>
    public async Task<RolloutStatus> UntilAsync(Func<RolloutStatus, bool> condition, string what)
    {
        for (var end = Now + Patience; _course.Count == 0 || !condition(Status); await PassAsync(TimeSpan.FromSeconds(1)))
            Assert.That(Now, Is.LessThan(end), $"Waited in vain for {what}: {(_course.Count == 0 ? "" : Status)}");
        return Status;
    }

    /// <summary>Lets time pass until it is at rest in a phase, and nothing is left of a rollout.</summary>
    public Task<RolloutStatus> UntilAtRestAsync(Phase phase) =>
        UntilAsync(status => status.State is AtRest && status.Phase == phase && _stage.Cluster.Find("services", "default", "shop-canary") is null, $"it to be at rest and {phase}");

    public Task PassAsync(TimeSpan time) => Task.Delay(time, _clock, _stop.Token);

    public Task PassUntilAsync(DateTimeOffset moment) => PassAsync(moment - Now);

    public void Dispose()
    {
        _stage.Dispose();
        _stop.Dispose();
    }

    /// <summary>Changes the Rollout.</summary>
    public void Change(Action<JsonObject> change) => _stage.Cluster.Change("rollouts", "default", "shop", change);

    /// <summary>Nothing that was said holds one of the secrets that pod templates and Secrets may have.</summary>
    private void AssertSecretsWereKept()
    {
        Assert.That(_log.Leaks, Is.Empty, "lines of the log that hold a secret");
        foreach (var told in _stage.Cluster.List("events"))
            Canary.AssertNotIn("An event", told.Json.ToJsonString());
    }

    private JsonObject? SetOf(string image) => _stage.Cluster.List("replicasets", "default").Select(set => set.Json).FirstOrDefault(set => Image(set["spec"]!["template"]!["spec"]!) == image);

    private ServingQuality Serve(ServingMoment moment) => ServingQuality.Good with { ErrorRate = _failing.Contains(Image(moment.Pod.Json["spec"]!)) || Failing(moment.Pod.Json["spec"]!) ? 0.1 : 0 };

    private static string Image(JsonNode podSpec) => (string)podSpec["containers"]![0]!["image"]!;

    private async Task PlayAsync(string fields, DateTimeOffset start, Func<Story, Task> tell, Action<Story, JsonObject>? prepare)
    {
        var world = _stage.RunAsync(_stop.Token);
        await _stage.Controller.StartAsync(_stop.Token);
        foreach (var manifest in Yaml.ParseAll(Rehearsals.Shop(fields)))
        {
            manifest["metadata"]!["namespace"] = "default";
            if ((string?)manifest["kind"] == "Rollout")
                prepare?.Invoke(this, manifest);
            _stage.Cluster.Create(_stage.Cluster.Resources.OfKind((string)manifest["apiVersion"]!, (string)manifest["kind"]!)!.Plural, manifest);
        }

        await UntilAtRestAsync(Phase.Healthy);
        _stage.Requests.Begin();
        await PassUntilAsync(start);
        try
        {
            await tell(this);
        }
        finally
        {
            await _stage.Controller.StoppingAsync(CancellationToken.None);
            _stop.Cancel();
            await world;
        }
    }
}
