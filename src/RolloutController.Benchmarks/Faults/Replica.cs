using System.Collections.Concurrent;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>A replica of the controller that stands for election, kept as a kubelet keeps a container: when its process ends, it is started again.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly ConcurrentQueue<int> _exits = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ControllerProcess _process;
    private readonly RecordingProxy? _proxy;
    private readonly Task _keeping;

    private Replica(ControllerProcess process, RecordingProxy? proxy)
    {
        (_process, _proxy) = (process, proxy);
        _keeping = KeepAsync();
    }

    /// <summary>What it wrote, where that is recorded.</summary>
    public IReadOnlyList<RecordedWrite> Writes => _proxy?.Writes ?? [];

    /// <summary>The exit codes of its lives so far.</summary>
    public IReadOnlyList<int> ExitCodes => [.. _exits];

    /// <summary>Starts two of them.</summary>
    /// <param name="bed">What they look after.</param>
    /// <param name="recorded">Whether what each of them writes is recorded, which leads its requests through a proxy.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<(Replica First, Replica Second)> StartPairAsync(FaultBed bed, bool recorded, CancellationToken cancellationToken) =>
        (await StartAsync(bed, recorded ? 1 : null, cancellationToken), await StartAsync(bed, recorded ? 2 : null, cancellationToken));

    /// <summary>Whether it leads, as its metrics say.</summary>
    public async Task<bool> LeadsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await ControllerMetrics.ReadAsync(_process.Url, cancellationToken)).Sum("leader_election_master_status") > 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>SIGSTOP.</summary>
    public void Freeze() => _process.Freeze();

    /// <summary>SIGCONT.</summary>
    public void Wake() => _process.Wake();

    /// <summary>SIGKILL.</summary>
    public void Kill() => ProcessSignal.Kill.Send(_process.Id);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.DisposeAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task<Replica> StartAsync(FaultBed bed, int? recorded, CancellationToken cancellationToken)
    {
        var through = $"{bed.Kubeconfig}.{recorded}";
        var proxy = recorded is null ? null : await RecordingProxy.StartAsync(bed.Kubeconfig, through, cancellationToken);
        var process = await ControllerProcess.StartAsync(
            proxy is null ? bed.Kubeconfig : through, bed.Namespace, bed.Prometheus.Url, cancellationToken, leaseNamespace: "rollout-system");
        return new Replica(process, proxy);
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            _exits.Enqueue(await _process.WaitAsync(_stop.Token));
            await _process.StartAgainUnreadyAsync(_stop.Token);
        }
    }
}
