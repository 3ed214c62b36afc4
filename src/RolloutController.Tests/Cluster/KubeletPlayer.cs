using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// Plays scheduler and kubelet for the pods of a namespace: binds them to the node <c>local</c>, reports their status, and
/// completes their deletion. Pods turn out as their <see cref="PodBehaviour"/> says.
/// </summary>
internal sealed class KubeletPlayer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, PlayedPod> _pods = [];
    private readonly IPodRuntime _runtime;
    private readonly PodReporter _reporter;
    private LiveList? _live;

    private KubeletPlayer(ClusterApi api, string @namespace, IPodRuntime runtime)
    {
        _runtime = runtime;
        _reporter = new PodReporter(api, @namespace);
    }

    /// <summary>How long a pod takes from being bound to being ready, where its template does not say.</summary>
    public TimeSpan StartDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a pod goes on terminating, beside the time that its runtime takes.</summary>
    public TimeSpan StopDelay { get; set; } = TimeSpan.Zero;

    /// <summary>How long a crashing container takes to crash again.</summary>
    public TimeSpan CrashPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Every pod that was ever seen, gone ones included, in order of appearance.</summary>
    public IReadOnlyList<PlayedPod> Pods => [.. _pods.Values.OrderBy(pod => pod.Order)];

    /// <summary>How many pods have been started.</summary>
    public int Starts => _pods.Values.Count(pod => pod.Started);

    /// <summary>Starts to play; pods that are there already are played too.</summary>
    /// <param name="runtime">What stands behind the pods; disposed with the player. Null for nothing.</param>
    public static async Task<KubeletPlayer> StartAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken, IPodRuntime? runtime = null)
    {
        var player = new KubeletPlayer(api, @namespace, runtime ?? new NoPods());
        player._live = await LiveList.StartAsync(api, ClusterPath.Pods(@namespace), cancellationToken, player.Take);
        return player;
    }

    /// <summary>The uids of the pods that are there and were not asked to go: two equal sets prove that no pod was replaced in between.</summary>
    public IReadOnlySet<string> RunningUids(Func<JsonObject, bool>? which = null) => _pods.Values
        .Where(pod => !pod.Ending && (which is null || which(pod.Object))).Select(pod => pod.Object.Uid()).ToHashSet();

    /// <summary>Makes running pods turn out differently from now on: unready, crashing, or ready again.</summary>
    public void Become(PodBehaviour behaviour, Func<JsonObject, bool>? which = null)
    {
        foreach (var pod in _pods.Values.Where(pod => pod.Started && !pod.Ending && (which is null || which(pod.Object))))
            pod.Next(token => BehaveAsync(pod, behaviour, token));
    }

    public async ValueTask DisposeAsync()
    {
        if (_live is not null)
            await _live.DisposeAsync();
        foreach (var pod in _pods.Values)
            await pod.DisposeAsync();
        await _runtime.DisposeAsync();
        _reporter.Dispose();
    }

    private void Take(ClusterEvent change)
    {
        var pod = _pods.GetOrAdd(change.Object.Uid(), _ => new PlayedPod(change.Object));
        pod.Object = change.Object;
        if (change.Type == "DELETED" || change.Object.At("metadata.deletionTimestamp") is not null)
            End(pod);
        else if (!pod.Started && change.Type == "ADDED")
            pod.Next(token => StartAsync(pod, token));
    }

    private void End(PlayedPod pod)
    {
        if (pod.Ending)
            return;
        pod.Ending = true;
        pod.Next(async token =>
        {
            await _runtime.StopAsync(pod.Object, token);
            await Task.Delay(StopDelay, TimeProvider.System, token);
            await _reporter.RemoveAsync(pod.Object, token);
        });
    }

    private async Task StartAsync(PlayedPod pod, CancellationToken cancellationToken)
    {
        var behaviour = _runtime.BehaviourOf(pod.Object) ?? PodAnnotations.BehaviourOf(pod.Object);
        if (behaviour == PodBehaviour.Unschedulable)
        {
            await _reporter.ReportAsync(pod.Object, PodStatus.Unschedulable(), cancellationToken);
            return;
        }
        await _reporter.BindAsync(pod.Object, cancellationToken);
        pod.Start();
        if (behaviour is PodBehaviour.Ready)
            await StartUpAsync(pod, cancellationToken);
        await BehaveAsync(pod, behaviour, cancellationToken);
    }

    private async Task StartUpAsync(PlayedPod pod, CancellationToken cancellationToken)
    {
        var delay = PodAnnotations.StartDelayOf(pod.Object) ?? StartDelay;
        // A kubelet reports a pod that is slow to start before it is ready; for a fast one that write is spared.
        if (delay > TimeSpan.FromMilliseconds(200))
            await _reporter.ReportAsync(pod.Object, PodStatus.NotReady(pod.Object, pod.Ip, pod.StartedAt), cancellationToken);
        await _runtime.StartAsync(pod.Object, pod.Ip, cancellationToken);
        await Task.Delay(delay, TimeProvider.System, cancellationToken);
    }

    private async Task BehaveAsync(PlayedPod pod, PodBehaviour behaviour, CancellationToken cancellationToken)
    {
        switch (behaviour)
        {
            case PodBehaviour.Ready:
                await _reporter.ReportAsync(pod.Object, PodStatus.Ready(pod.Object, pod.Ip, pod.StartedAt), cancellationToken);
                break;
            case PodBehaviour.NeverReady:
                await _reporter.ReportAsync(pod.Object, PodStatus.NotReady(pod.Object, pod.Ip, pod.StartedAt), cancellationToken);
                await _reporter.WarnAsync(pod.Object, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", cancellationToken);
                break;
            case PodBehaviour.ImagePull:
                await _reporter.ReportAsync(pod.Object, PodStatus.ImagePull(pod.Object, pod.Ip, pod.StartedAt), cancellationToken);
                await _reporter.WarnAsync(pod.Object, "Failed", "Error: ImagePullBackOff", cancellationToken);
                break;
            case PodBehaviour.CrashLoop:
                await CrashAsync(pod, cancellationToken);
                break;
            case PodBehaviour.Succeeds or PodBehaviour.Fails:
                await _reporter.ReportAsync(pod.Object, PodStatus.Ended(pod.Object, pod.Ip, pod.StartedAt, exitCode: behaviour == PodBehaviour.Succeeds ? 0 : 1), cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(behaviour), behaviour, "A pod that runs cannot become unschedulable.");
        }
    }

    private async Task CrashAsync(PlayedPod pod, CancellationToken cancellationToken)
    {
        await _reporter.WarnAsync(pod.Object, "BackOff", "Back-off restarting failed container", cancellationToken);
        for (var restarts = 1; ; restarts++)
        {
            var status = PodStatus.CrashLoop(pod.Object, pod.Ip, pod.StartedAt, restarts);
            // The conditions change once, not with every crash.
            if (restarts > 1)
                status["status"]!.AsObject().Remove("conditions");
            await _reporter.ReportAsync(pod.Object, status, cancellationToken);
            await Task.Delay(CrashPeriod, TimeProvider.System, cancellationToken);
        }
    }
}
