using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Stages;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Rehearsal.Scenarios;

namespace RolloutController.Benchmarks.Soak;

/// <summary>An embedded cluster with Rollouts that get one version after the other, and the whole controller.</summary>
internal sealed class SoakBed : IDisposable
{
    /// <summary>An API server forgets an event after an hour; in real time, where a run is shorter than that, after two minutes, so that their count comes to rest.</summary>
    private TimeSpan EventLife => _clock == TimeProvider.System ? TimeSpan.FromMinutes(2) : TimeSpan.FromHours(1);

    private readonly ControlPlane _plane;
    private readonly SimulatedKubelet _kubelet;
    private readonly SimulatedGateway _gateway;
    private readonly SoakMetrics _metrics;
    private readonly PrometheusProvider _provider;
    private readonly TimeProvider _clock;

    /// <summary>Sets it up; nothing runs yet.</summary>
    public SoakBed(TimeProvider clock)
    {
        _clock = clock;
        _plane = new ControlPlane(clock, new Random(1));
        _kubelet = new SimulatedKubelet(Cluster, _ => new PodScript { ImagePull = TimeSpan.Zero, StartUp = TimeSpan.FromMilliseconds(500) });
        _gateway = new SimulatedGateway(Cluster);
        _metrics = new SoakMetrics(clock);
        _provider = new PrometheusProvider(new PrometheusOptions("main", new Uri("http://prometheus.soak")) { IsDefault = true }, clock, _metrics, new Random(2));
        var providers = new Providers(new MetricProviders(new Dictionary<string, IMetricProvider> { ["main"] = _provider }, "main"), new([], null), new([], null));
        Controller = RehearsedController.Make(Cluster, providers, new ControlOptions { Random = new Random(3) }, new RehearsedLifetime(), NullLoggerFactory.Instance);
    }

    public EmbeddedCluster Cluster => _plane.Cluster;

    public ControlService Controller { get; }

    /// <summary>Runs everything while a story is told.</summary>
    public async Task RunAsync(Func<Task> tell, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var world = Task.WhenAll(_plane.RunAsync(stop.Token), _kubelet.RunAsync(stop.Token), _gateway.RunAsync(stop.Token));
        await Controller.StartAsync(stop.Token);
        try
        {
            await tell();
        }
        finally
        {
            await Controller.StoppingAsync(CancellationToken.None);
            stop.Cancel();
            await ((Task)world).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Creates a Rollout with a Service and a route of its own.</summary>
    public void Create(string name)
    {
        foreach (var manifest in Yaml.ParseAll(Rehearsals.Shop(Fields).Replace("name: shop", $"name: {name}", StringComparison.Ordinal).Replace("service: shop", $"service: {name}", StringComparison.Ordinal).Replace("app: shop", $"app: {name}", StringComparison.Ordinal)))
        {
            manifest["metadata"]!["namespace"] = "default";
            if ((string?)manifest["kind"] == "Rollout")
                manifest["spec"]!["replicas"] = 2;
            Cluster.Create(Cluster.Resources.OfKind((string)manifest["apiVersion"]!, (string)manifest["kind"]!)!.Plural, manifest);
        }
    }

    /// <summary>Deletes a Rollout with its Service and its route, and waits until nothing is left.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Cluster.Delete("rollouts", "default", name);
        await UntilAsync(() => Cluster.Find("rollouts", "default", name) is null && Sets(name).Count == 0, $"{name} to go", cancellationToken);
        Cluster.Delete("services", "default", name);
        Cluster.Delete("httproutes", "default", name);
    }

    /// <summary>Rolls a version out, and waits for its end.</summary>
    /// <param name="name">The Rollout.</param>
    /// <param name="version">The version.</param>
    /// <param name="isBad">Whether it fails half of its requests, and has to be rolled back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RollOutAsync(string name, int version, bool isBad, CancellationToken cancellationToken)
    {
        var image = $"shop:{version}";
        Cluster.Change("rollouts", "default", name, rollout => rollout["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image);
        await UntilAsync(() => Sets(name).Any(set => ImageOf(set) == image), $"a ReplicaSet of {image}", cancellationToken);
        var revision = Sets(name).First(set => ImageOf(set) == image).Text("metadata.labels.pod-template-hash")!;
        _metrics.Serve(revision, isBad);
        await UntilAsync(() => Status(name) is { State: AtRest } status && (status.StableRevision == revision || status.FailedRevision == revision), $"{name} {image} to end", cancellationToken);
        if (Status(name).StableRevision == revision == isBad)
            throw new InvalidOperationException($"Version {version} of {name} is {(isBad ? "bad" : "good")} and came to {Status(name).Phase}: {Status(name).Message}");
    }

    /// <summary>Does what an API server and a Prometheus do by themselves: forgets events after an hour, old versions of objects, and series of pods that are gone.</summary>
    public void Tidy()
    {
        foreach (var old in Cluster.List("events").Where(item => DateTimeOffset.Parse(item.Json.Text("metadata.creationTimestamp")!, System.Globalization.CultureInfo.InvariantCulture) < _clock.GetUtcNow() - EventLife))
            Cluster.Delete("events", old.Namespace, old.Name);
        _metrics.Keep(Cluster.List("replicasets").Select(set => set.Json.Text("metadata.labels.pod-template-hash")!).ToHashSet());
        Cluster.Compact();
    }

    public void Dispose()
    {
        Controller.Dispose();
        _provider.Dispose();
        _metrics.Dispose();
    }

    private const string Fields = """
        steps: [{weight: 20, hold: 5s}, {weight: 100, hold: 5s}]
        analysis: {interval: 2s, errorRate: {max: 5%}}
        scaleDownDelay: 2s
        """;

    private RolloutStatus Status(string name) => JsonSerializer.Deserialize(Cluster.Find("rollouts", "default", name)!.Utf8.Span, RolloutObject.Kind.TypeInfo)!.Status;

    private List<JsonObject> Sets(string name) => [.. Cluster.List("replicasets", "default").Select(set => set.Json).Where(set => set.Text("metadata.labels.app") == name)];

    private static string? ImageOf(JsonObject set) => set.Text("spec.template.spec.containers.0.image");

    private async Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        for (var end = _clock.GetUtcNow() + TimeSpan.FromMinutes(15); !condition();)
        {
            if (_clock.GetUtcNow() > end)
                throw new TimeoutException($"Waited in vain for {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(500), _clock, cancellationToken);
        }
    }
}
