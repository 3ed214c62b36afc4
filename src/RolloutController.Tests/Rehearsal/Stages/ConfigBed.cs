using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>A Rollout of three pods that read a ConfigMap and a Secret, in virtual time, and controllers that can be cut off from the API after any write.</summary>
internal sealed class ConfigBed : IDisposable
{
    private readonly VirtualTime _clock = new(new DateTimeOffset(2026, 3, 5, 10, 0, 0, TimeSpan.Zero));
    private readonly ControlPlane _plane;
    private readonly SimulatedKubelet _kubelet;
    private readonly HashSet<string> _names = [];
    private ControlService? _controller;
    private Link? _link;

    private ConfigBed()
    {
        _plane = new ControlPlane(_clock, new Random(1));
        _kubelet = new SimulatedKubelet(Cluster, _ => new PodScript());
        Cluster.Committed += Watch;
    }

    public EmbeddedCluster Cluster => _plane.Cluster;

    /// <summary>What was asked of the API, as method and path.</summary>
    public IReadOnlyList<string> Requests => _link!.Requests;

    /// <summary>Told of every request before it is sent.</summary>
    public Action<string> Asking { get; set; } = _ => { };

    /// <summary>The requests that are refused for lack of rights.</summary>
    public Predicate<string> Forbidden { get; set; } = _ => false;

    /// <summary>Whether the controller has been cut off.</summary>
    public bool IsCutOff => _link is { Left: <= 0 };

    public RolloutStatus Status => JsonSerializer.Deserialize(Cluster.Find("rollouts", "default", "shop")!.Utf8.Span, RolloutObject.Kind.TypeInfo)!.Status;

    /// <summary>Pods that were created before what they name was there.</summary>
    public List<string> Early { get; } = [];

    /// <summary>Plays a test in virtual time.</summary>
    public static void Play(Func<ConfigBed, Task> play)
    {
        using var bed = new ConfigBed();
        bed._clock.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var world = Task.WhenAll(bed._plane.RunAsync(stop.Token), bed._kubelet.RunAsync(stop.Token));
            bed.Cluster.Create("configmaps", Yaml.Parse("{apiVersion: v1, kind: ConfigMap, metadata: {name: shop, namespace: default}, data: {color: blue}}"));
            bed.Cluster.Create("secrets", Yaml.Parse("{apiVersion: v1, kind: Secret, metadata: {name: shop-db, namespace: default}, stringData: {password: one}}"));
            await play(bed);
            await bed.StopAsync();
            stop.Cancel();
            await world.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.FromCurrentSynchronizationContext());
        });
    }

    /// <summary>Applies the Rollout.</summary>
    public void Apply(string rolloutOn = "[template, config]") => Cluster.Create("rollouts", Yaml.Parse($$$$"""
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: shop, namespace: default}
        spec:
          replicas: 3
          rolloutOn: {{{{rolloutOn}}}}
          selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop}}
            spec:
              containers:
              - name: shop
                image: shop:1
                env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: shop-db, key: password}}}]
              volumes: [{name: config, configMap: {name: shop}}]
          steps: [{weight: 50, hold: 5s}, {weight: 100, hold: 5s}]
        """));

    public void Rotate(string password) =>
        Cluster.Change("secrets", "default", "shop-db", secret => secret["stringData"] = new JsonObject { ["password"] = password });

    /// <summary>Starts a controller.</summary>
    public async Task StartAsync()
    {
        _link = new Link(new ApiHandler(new ApiServer(Cluster, new InstalledAccess())), request => Asking(request), request => Forbidden(request));
        var random = new Random(2);
        var client = new KubernetesClient(
            new KubernetesConfiguration { Server = new Uri("https://rehearsal"), Handler = _link, Compression = false },
            new KubernetesClientOptions { Random = random }, _clock);
        _controller = new ControlService(
            new ControlOptions { Random = random }, () => new Connection(client, client, client, Election: null), Providers.None, new RehearsedLifetime(), _clock, NullLoggerFactory.Instance);
        await _controller.StartAsync(CancellationToken.None);
    }

    /// <summary>Cuts the controller off after so many more writes, events not counted.</summary>
    public void CutOffAfter(int writes) => _link!.Left = writes;

    /// <summary>Stops the controller.</summary>
    public async Task StopAsync()
    {
        if (_controller is null)
            return;
        await _controller.StoppingAsync(CancellationToken.None);
        Dispose();
    }

    public void Dispose()
    {
        _controller?.Dispose();
        _controller = null;
        _link?.Dispose();
    }

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var end = _clock.GetUtcNow() + TimeSpan.FromHours(1); !condition(); await PassAsync(TimeSpan.FromSeconds(1)))
            Assert.That(_clock.GetUtcNow(), Is.LessThan(end), $"Waited in vain for {what}: {Status}");
    }

    public Task UntilHealthyAsync(string password) => UntilAsync(
        () => Status is { State: AtRest, Phase: Phase.Healthy } && Passwords().SequenceEqual([password]), $"{password} to have all the traffic");

    public Task PassAsync(TimeSpan time) => Task.Delay(time, _clock, CancellationToken.None);

    /// <summary>The passwords that pods read.</summary>
    public IEnumerable<string> Passwords() => Cluster.List("pods", "default")
        .Where(pod => !pod.IsTerminating)
        .Select(pod => NamesIn(pod.Json["spec"]!).First())
        .Select(name => Cluster.Find("secrets", "default", name)!.Json.Text("data.password")!)
        .Select(value => Encoding.UTF8.GetString(Convert.FromBase64String(value)))
        .Distinct();

    /// <summary>The digest that the Secret would have if it had the content of a copy.</summary>
    public string DigestOf(string copy)
    {
        var content = JsonSerializer.Deserialize(Cluster.Find("secrets", "default", copy)!.Utf8.Span, KubernetesKinds.Digest("Secret").TypeInfo)!;
        return (content with { Metadata = new ObjectMeta { Uid = Cluster.Find("secrets", "default", "shop-db")!.Uid } }).Keyed("Secret");
    }

    /// <summary>The names of copies, by the ReplicaSets that own them.</summary>
    public ILookup<string, string> Copies() => ((string[])["configmaps", "secrets"])
        .SelectMany(plural => Cluster.List(plural, "default"))
        .Where(item => item.Name is not ("shop" or "shop-db"))
        .ToLookup(item => item.Json.Text("metadata.ownerReferences.0.uid") ?? "nobody", item => item.Name);

    /// <summary>What a ReplicaSet or pod of the Rollout names.</summary>
    public static IEnumerable<string> NamesIn(JsonNode podSpec) =>
        [(string)podSpec["containers"]![0]!["env"]![0]!["valueFrom"]!["secretKeyRef"]!["name"]!, (string)podSpec["volumes"]![0]!["configMap"]!["name"]!];

    private void Watch(ObjectChange change)
    {
        if (change.New is { Plural: "configmaps" or "secrets" } now)
            _names.Add(now.Name);
        else if (change.Old is { Plural: "configmaps" or "secrets" } gone)
            _names.Remove(gone.Name);
        else if (change is { Old: null, New: { Plural: "pods" } pod })
            Early.AddRange(NamesIn(pod.Json["spec"]!).Except(_names));
    }

    /// <summary>The way to the API, which can break for good.</summary>
    private sealed class Link(HttpMessageHandler api, Action<string> asking, Predicate<string> forbidden) : DelegatingHandler(api)
    {
        private const string Refusal =
            """{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "forbidden: User \"jane\" cannot do that"}""";

        private readonly List<string> _requests = [];

        public int Left { get; set; } = int.MaxValue;

        public IReadOnlyList<string> Requests => _requests;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Left <= 0)
                throw new HttpRequestException("cut off");
            var address = request.RequestUri!;
            _requests.Add($"{request.Method} {address.PathAndQuery}");
            asking(_requests[^1]);
            if (forbidden(_requests[^1]))
                return new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent(Refusal, Encoding.UTF8, "application/json") };
            var answer = await base.SendAsync(request, cancellationToken);
            if (request.Method != HttpMethod.Get && !address.Query.Contains("dryRun", StringComparison.Ordinal) && !address.AbsolutePath.Contains("/events", StringComparison.Ordinal) && --Left <= 0)
                throw new HttpRequestException("cut off");
            return answer;
        }
    }
}
