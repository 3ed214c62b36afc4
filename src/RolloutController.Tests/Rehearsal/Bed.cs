using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal;

/// <summary>An embedded cluster with its controllers, in virtual time.</summary>
internal sealed class Bed : IDisposable
{
    /// <summary>The namespace of everything that names none.</summary>
    public const string Namespace = "default";

    /// <summary>How long a test waits for anything, in virtual time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly ControlPlane _controlPlane;

    private Bed(VirtualTime clock, Func<StoredObject, PodScript> scripts)
    {
        Clock = clock;
        _controlPlane = new ControlPlane(clock, new Random(1));
        Kubelet = new SimulatedKubelet(Cluster, scripts);
    }

    public VirtualTime Clock { get; }

    public EmbeddedCluster Cluster => _controlPlane.Cluster;

    public SimulatedKubelet Kubelet { get; }

    public CancellationToken Cancellation => _stop.Token;

    /// <summary>Runs a test on a bed of its own.</summary>
    /// <param name="body">The test.</param>
    /// <param name="scripts">How pods live; at once ready by default.</param>
    public static void Run(Func<Bed, Task> body, Func<StoredObject, PodScript>? scripts = null)
    {
        var clock = new VirtualTime(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        clock.Run(async () =>
        {
            using var bed = new Bed(clock, scripts ?? (_ => Quick));
            await bed.PlayAsync(body);
        });
    }

    /// <summary>A pod that is ready two seconds after it was made.</summary>
    public static PodScript Quick { get; } = new() { ImagePull = TimeSpan.Zero, Scheduling = TimeSpan.Zero, StartUp = TimeSpan.FromSeconds(2) };

    public void Dispose() => _stop.Dispose();

    /// <summary>Runs something beside the test, until the test ends.</summary>
    public void Start(Func<CancellationToken, Task> run) => _running.Add(run(_stop.Token));

    /// <summary>Creates an object from YAML.</summary>
    public StoredObject Create(string plural, string yaml)
    {
        var json = Yaml.Parse(yaml);
        json["metadata"]!["namespace"] ??= Namespace;
        return Cluster.Create(plural, json);
    }

    public JsonObject? Find(string plural, string name) => Cluster.Find(plural, Namespace, name)?.Json;

    public IReadOnlyList<JsonObject> List(string plural) => [.. Cluster.List(plural, Namespace).Select(item => item.Json)];

    /// <summary>Pods that nobody asked to go.</summary>
    public IReadOnlyList<JsonObject> Pods => [.. List("pods").Where(pod => pod.At("metadata.deletionTimestamp") is null)];

    /// <summary>Merges YAML into an object.</summary>
    public void Merge(string plural, string name, string yaml, string? subresource = null) =>
        Cluster.Change(plural, Namespace, name, json => Merge(json, Yaml.Parse(yaml)), subresource);

    /// <summary>Lets virtual time pass until a condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var end = Clock.GetUtcNow() + Patience;
        while (!condition())
        {
            Assert.That(Clock.GetUtcNow(), Is.LessThan(end), $"Waited in vain for {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Clock, Cancellation);
        }
    }

    /// <summary>Lets virtual time pass.</summary>
    public Task PassAsync(TimeSpan time) => Task.Delay(time, Clock, Cancellation);

    /// <summary>A Deployment's or ReplicaSet's template of the app <c>shop</c>.</summary>
    public static string Template(string version) =>
        $"{{metadata: {{labels: {{app: shop}} }}, spec: {{containers: [{{name: app, image: 'example/shop:{version}', ports: [{{name: http, containerPort: 8080}}]}}]}} }}";

    private async Task PlayAsync(Func<Bed, Task> body)
    {
        Start(_controlPlane.RunAsync);
        Start(Kubelet.RunAsync);
        var test = body(this);
        // What fails beside the test is what the test would only wait for in vain.
        await await Task.WhenAny([test, .. _running]);
        await test;
        // CancelAsync would cancel on another thread.
        _stop.Cancel();
        foreach (var task in _running)
            await EndedAsync(task);
    }

    private static async Task EndedAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is JsonObject inner && target[key] is JsonObject existing)
                Merge(existing, inner);
            else if (value is null)
                target.Remove(key);
            else
                target[key] = value.DeepClone();
        }
    }
}
