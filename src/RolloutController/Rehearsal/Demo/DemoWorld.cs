using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Stages;

namespace RolloutController.Rehearsal.Demo;

/// <summary>The world of the demo in real time: the sample shop with its users, and what a person can do to it.</summary>
internal sealed class DemoWorld : IDisposable
{
    private const double RequestsPerSecond = 400;
    private const double BadErrorRate = 0.08;
    private static readonly TimeSpan Scrape = TimeSpan.FromSeconds(1);

    // Steps of seconds would be over before a person is told of them.
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, bool> _bad = new();
    private int _version;

    /// <summary>Sets the stage.</summary>
    public DemoWorld(TimeProvider clock, int seed, ILoggerFactory loggers)
    {
        var stream = new RequestStream(new ObjectKey(DemoShop.Namespace, DemoShop.Name))
        {
            CanaryService = new ObjectKey(DemoShop.Namespace, $"{DemoShop.Name}-canary"),
            Routes = [("httproutes", new ObjectKey(DemoShop.Namespace, DemoShop.Name))],
            RequestsPerSecond = _ => RequestsPerSecond,
        };
        var pods = new PodScript { ImagePull = TimeSpan.FromMilliseconds(400), StartUp = TimeSpan.FromSeconds(1) };
        Stage = new Stage(new StagePlan(stream, pod => pod.IsOfJob() ? PodScript.OfJob : pods, ServingOf) { Seed = seed, ScrapeInterval = Scrape, StatusInterval = StatusInterval }, clock, loggers);
    }

    /// <summary>The stage.</summary>
    public Stage Stage { get; }

    /// <summary>Whether Prometheus is broken.</summary>
    public bool IsPrometheusBroken => Stage.Prometheus.Fault != PrometheusFault.None;

    /// <summary>Brings the shop up.</summary>
    public void Open()
    {
        foreach (var manifest in DemoShop.Manifests())
            Stage.Cluster.Create(Stage.Cluster.Resources.OfKind((string)manifest["apiVersion"]!, (string)manifest["kind"]!)!, manifest, new WriteOptions());
        Stage.Requests.Begin();
    }

    /// <summary>Ships the next version.</summary>
    /// <param name="isGood">Whether it fails no requests.</param>
    /// <returns>Its image.</returns>
    public string Ship(bool isGood)
    {
        var image = $"shop:1.{Interlocked.Increment(ref _version)}.0";
        _bad[image] = !isGood;
        SetImage(DemoShop.Name, image);
        return image;
    }

    /// <summary>Ships the next version of the worker.</summary>
    public void ShipWorker() => SetImage(DemoShop.Worker, $"worker:1.{Volatile.Read(ref _version)}.0");

    /// <summary>Breaks Prometheus, or mends it.</summary>
    public void Break(bool broken) => Stage.Prometheus.Fault = broken ? PrometheusFault.Down : PrometheusFault.None;

    /// <summary>Lets all pods of the stable version crash once.</summary>
    public void KillStablePods()
    {
        if (Stage.Cluster.Find("rollouts", DemoShop.Namespace, DemoShop.Name) is not { } shop)
            return;
        var stable = (string?)shop.Json["status"]?["stableRevision"];
        Stage.Turn(pod => (string?)pod.Json["metadata"]!["labels"]?[Names.RevisionLabel] == stable, PodConduct.Restart);
    }

    /// <summary>The demo's own Rollout as it is now; null before it was applied.</summary>
    public RolloutObject? Shop() => Stage.Cluster.Find("rollouts", DemoShop.Namespace, DemoShop.Name) is { } shop
        ? System.Text.Json.JsonSerializer.Deserialize(shop.Utf8.Span, RolloutObject.Kind.TypeInfo)
        : null;

    /// <summary>Lets a step that waits for a person go on.</summary>
    public void Promote(string revision) => Stage.Cluster.Change("rollouts", DemoShop.Namespace, DemoShop.Name, item => item["spec"]!["operation"] = new JsonObject
    {
        ["id"] = $"demo-{revision}-{Volatile.Read(ref _version)}",
        ["verb"] = "Promote",
        ["revision"] = revision,
    });

    /// <inheritdoc/>
    public void Dispose() => Stage.Dispose();

    private void SetImage(string name, string image) => Stage.Cluster.Change("rollouts", DemoShop.Namespace, name, item =>
        item["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image);

    private ServingQuality ServingOf(ServingMoment moment) =>
        _bad.GetValueOrDefault((string?)moment.Pod.Json["spec"]!["containers"]![0]!["image"] ?? "") ? new ServingQuality(BadErrorRate, Latency.Usual) : ServingQuality.Good;
}
