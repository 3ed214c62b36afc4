using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Cluster.Scenarios;
using RolloutController.Tests.Crd;

namespace RolloutController.Benchmarks.Faults;

/// <summary>
/// A shop as it runs in production, whose versions replace one another while something goes wrong: pods that are processes, nginx as the gateway,
/// Prometheus, a steady load that counts every answer, and the controller's account with the rights that it is installed with.
/// </summary>
internal sealed class FaultBed : IAsyncDisposable
{
    /// <summary>The pods of a version that has all the traffic.</summary>
    public const int Replicas = 2;

    /// <summary>How long a rollout may take with all that goes wrong.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private const int RequestsPerSecond = 200;
    private const string Name = "shop";
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-faults-").FullName;
    private readonly Stack<IAsyncDisposable> _owned = [];
    private TestNamespace? _namespace;
    private NginxGateway? _nginx;
    private LiveList? _rollouts;
    private string _userObjects = "";
    private string _stable = "";
    private int _versions;

    private FaultBed(ClusterApi api) => Api = api;

    /// <summary>The API server; its requests wait while it is away.</summary>
    public ClusterApi Api { get; }

    public string Namespace => _namespace!.Name;

    /// <summary>The controller's kubeconfig.</summary>
    public string Kubeconfig { get; private set; } = "";

    public PrometheusProcess Prometheus { get; private set; } = null!;

    /// <summary>The Rollout as it was last seen.</summary>
    public JsonObject Rollout => _rollouts!.Items.Single();

    /// <summary>Where the rollout is, in a few words.</summary>
    public string Where
    {
        get
        {
            var state = Rollout.At("status.state");
            return string.Join(' ', new[] { state.Text("name"), state.Text("stage"), state.Text("weight") is { } weight ? $"{weight} %" : null }.Where(word => word is not null));
        }
    }

    public static async Task<FaultBed> StartAsync(CancellationToken cancellationToken)
    {
        RealPods.RequirePodAddresses();
        var bed = new FaultBed(ClusterApi.FromEnvironment(patient: true));
        try
        {
            await bed.StartPartsAsync(cancellationToken);
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>Applies the Service, the route and a first version, where that has not been done, and waits until it has all the traffic.</summary>
    public async Task DeployAsync(CancellationToken cancellationToken)
    {
        if (_versions > 0)
            return;
        await Api.ApplyAsync(Manifests.Service(), Namespace, cancellationToken);
        await Api.ApplyAsync(Manifests.HttpRoute(), Namespace, cancellationToken);
        await ShipAsync(FaultVersion.Good, cancellationToken);
        await UntilAtRestAsync(cancellationToken);
        await WaitFor.ListAsync(Api, ClusterPath.Pods(Namespace), pods => pods.Count == Replicas && pods.All(pod => pod.IsServing()), SettleTime, "the first pods", cancellationToken);
        _stable = $"v{_versions}";
        _userObjects = await UserObjectsAsync(cancellationToken);
    }

    /// <summary>Ships a version under load, has it disturbed, and finds out what became of it.</summary>
    /// <param name="fault">What is done to it.</param>
    /// <param name="version">The version.</param>
    /// <param name="disturbAsync">Does it, and brings what it began to its end.</param>
    /// <param name="cancellationToken">Ends it midway.</param>
    /// <param name="isGapless">Whether the API server is there all the time, so that every version of every object is seen.</param>
    public async Task<Trial> PlayAsync(
        string fault, FaultVersion version, Func<Flight, CancellationToken, Task> disturbAsync, CancellationToken cancellationToken, bool isGapless = true)
    {
        await using var trace = await RolloutTrace.StartAsync(Api, Namespace, cancellationToken);
        await using var load = await StartLoadAsync(cancellationToken);
        var name = await ShipAsync(version, cancellationToken);
        Console.Error.WriteLine($"{fault}: {name} has to be {(version.IsPromoted ? "promoted" : "rolled back")}");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var flight = new Flight(this, over.Token);
        var started = load.Elapsed;

        var ended = UntilAtRestAsync(cancellationToken);
        var disturbing = disturbAsync(flight, cancellationToken);
        if (await Task.WhenAny(ended, disturbing) == disturbing)
            await disturbing;
        var phase = await OutcomeAsync(ended, flight, version, cancellationToken);
        var took = load.Elapsed - started;
        await over.CancelAsync();
        await EndAsync(disturbing, flight, cancellationToken);

        if (phase == version.Expected)
            _stable = version.IsPromoted ? name : _stable;
        await Task.Delay(Afterwards, TimeProvider.System, cancellationToken);
        foreach (var left in await new FaultRemains(Api, Namespace, _stable).FindAsync(SettleTime, cancellationToken))
            flight.Problem(left);
        if (await UserObjectsAsync(cancellationToken) != _userObjects)
            flight.Problem("the user's Service and route are not as they were");
        if (isGapless)
            await CheckLawsAsync(trace, flight, cancellationToken);
        var failed = FailedRequests.Of(await load.StopAsync(), name);
        return new Trial(fault, flight.Strikes, version.Expected, phase, failed, took, [.. flight.Problems, .. failed.Problems(version, isGapless)]);
    }

    /// <summary>Asks for an operation on the revision that goes up.</summary>
    public Task OperateAsync(string verb, CancellationToken cancellationToken) => Api.MergeAsync(
        ClusterPath.Rollouts(Namespace, Name),
        $"{{spec: {{operation: {{id: \"{verb}-{_versions}\", verb: {verb}, revision: \"{Rollout.Text("status.canaryRevision")}\"}}}}}}",
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _owned)
            await part.DisposeAsync();
        Api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        _namespace = await TestNamespace.CreateAsync(Api, cancellationToken);
        Prometheus = Own(await PrometheusProcess.StartAsync([], cancellationToken));
        Own(await Prometheus.FollowPodsAsync(Api, Namespace, cancellationToken));
        _nginx = Own(await NginxGateway.StartAsync(Api, Namespace, cancellationToken));
        Own(await KubeletPlayer.StartAsync(Api, Namespace, cancellationToken, new RealPods()));
        _rollouts = Own(await LiveList.StartAsync(Api, ClusterPath.Rollouts(Namespace), cancellationToken));
        // The namespace goes first, while its pods are still played.
        Own(_namespace);
        var rights = await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/rbac.yaml"), cancellationToken);
        Kubeconfig = await ServiceAccountKubeconfig.CreateAsync(Api, rights, _folder, cancellationToken);
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _owned.Push(part);
        return part;
    }

    private async Task<string> ShipAsync(FaultVersion version, CancellationToken cancellationToken)
    {
        var name = $"v{++_versions}";
        var applied = await Api.ApplyAsync(version.Rollout(name).Yaml(), Namespace, cancellationToken);
        await WaitFor.StateAsync(
            _ => Task.FromResult(_rollouts!.Items), items => items is [var item] && item.Number("metadata.generation") >= applied.Number("metadata.generation"), SettleTime, "the new version to be seen", cancellationToken);
        return name;
    }

    private Task<JsonObject> UntilAtRestAsync(CancellationToken cancellationToken) => WaitFor.StateAsync(
        _ => Task.FromResult(Rollout),
        rollout => rollout.Text("status.state.name") == "AtRest" && rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation") && !rollout.Each("metadata.finalizers").Any(),
        Patience, "the rollout to end", cancellationToken);

    private async Task<string?> OutcomeAsync(Task<JsonObject> ended, Flight flight, FaultVersion version, CancellationToken cancellationToken)
    {
        try
        {
            var rollout = await ended;
            if (version.Check is { } check && rollout.Text("status.lastRollback.check") != check)
                flight.Problem($"{rollout.Text("status.lastRollback.check")} rolled it back, not {check}");
            return rollout.Text("status.phase");
        }
        catch (AssertionException late)
        {
            flight.Problem(late.Message);
            flight.Problem(await _namespace!.DescribeAsync(cancellationToken));
            return null;
        }
    }

    private static async Task EndAsync(Task disturbing, Flight flight, CancellationToken cancellationToken)
    {
        try
        {
            await disturbing;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            flight.Problem("the rollout was over before all was done to it");
        }
        catch (AssertionException unmet)
        {
            flight.Problem(unmet.Message);
        }
    }

    private static async Task CheckLawsAsync(RolloutTrace trace, Flight flight, CancellationToken cancellationToken)
    {
        var route = await flight.Bed.Api.GetAsync(ClusterPath.HttpRoutes(flight.Bed.Namespace, Name), cancellationToken);
        await WaitFor.StateAsync(
            _ => Task.FromResult(RolloutTrace.Revision(trace.Routes.Versions(Name)[^1])), seen => seen >= RolloutTrace.Revision(route!), SettleTime, "the trace to follow", cancellationToken);
        try
        {
            trace.AssertLaws(Name);
            trace.AssertWeightsClimb(Name, [5, 25, 50, 100]);
        }
        catch (AssertionException broken)
        {
            flight.Problem(broken.Message);
        }
    }

    /// <summary>A load whose last whole second was answered without a failure.</summary>
    private async Task<LoadGenerator> StartLoadAsync(CancellationToken cancellationToken)
    {
        await WaitFor.StateAsync(
            token => LoadGenerator.RunAsync(_nginx!.Url, RequestsPerSecond, TimeSpan.FromSeconds(1), token),
            report => report is { Total: > 0, Failures: 0 }, SettleTime, "a second without failures", cancellationToken);
        return LoadGenerator.Start(_nginx!.Url, RequestsPerSecond, Patience + SettleTime + SettleTime);
    }

    private async Task<string> UserObjectsAsync(CancellationToken cancellationToken)
    {
        var service = await Api.GetAsync(ClusterPath.Services(Namespace, Name), cancellationToken);
        var route = await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, Name), cancellationToken);
        return string.Join('\n', new[] { service, route }.SelectMany(item => new[] { item!["spec"], item.At("metadata.labels"), item.At("metadata.annotations"), item.At("metadata.finalizers"), item.At("metadata.ownerReferences") })
            .Select(part => part?.ToJsonString()));
    }

}
