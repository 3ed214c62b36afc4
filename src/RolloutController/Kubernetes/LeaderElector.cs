using System.Diagnostics.Metrics;

namespace RolloutController.Kubernetes;

/// <summary>
/// Sees to it that of several processes one leads, by a lease in the API; the timing is client-go's. A lease alone does not keep a
/// process that was frozen from acting after it woke up: ask <see cref="MayAct"/> before each write.
/// </summary>
public sealed class LeaderElector
{
    private static readonly Observed<LeaderElector> Running = new();

    /// <summary>How long the work of a leader that lost its lease is waited for: shorter than the time that the lease has left.</summary>
    private static readonly TimeSpan LossGrace = TimeSpan.FromSeconds(2);

    /// <summary>By how much a renewal may be overdue before the process is past help (client-go's LeaderHealthzAdaptor).</summary>
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(20);

    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly LeaseClaim _claim;
    private long _lastRenewStart;
    private volatile bool _isLeader;

    static LeaderElector() => KubernetesInstruments.Meter.CreateObservableGauge(
        "leader_election_master_status",
        () => Running.Items.Select(elector => new Measurement<int>(elector.IsLeader ? 1 : 0, new KeyValuePair<string, object?>("name", elector._options.Name))),
        description: "Whether this process leads (1) or not (0).");

    /// <summary>Makes a candidate; <see cref="RunAsync"/> lets it stand.</summary>
    /// <param name="leaseClient">Asks the API; best over connections of its own, so that no other request delays a renewal.</param>
    /// <param name="leaseKind">Where leases are served.</param>
    /// <param name="options">Which lease, who stands and how long things take.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Told of every change of leader and every failed request.</param>
    /// <exception cref="ArgumentException">The options would not elect one leader.</exception>
    public LeaderElector(
        IKubernetesClient leaseClient,
        ResourceKind<Lease> leaseKind,
        LeaderElectionOptions options,
        TimeProvider timeProvider,
        ILogger logger)
    {
        options.Validate();
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _claim = new LeaseClaim(leaseClient, leaseKind, options, timeProvider, logger);
    }

    /// <summary>Whether this process leads, as far as it knows.</summary>
    public bool IsLeader => _isLeader;

    /// <summary>
    /// Whether a write may be sent now: this process leads, and its lease lasts for 3 seconds more even if the last renewal took
    /// effect as it was sent. Told by the monotonic clock.
    /// </summary>
    public bool MayAct => IsLeader && SinceRenewal < _options.LeaseDuration - LeaderElectionOptions.FenceMargin;

    /// <summary>Who leads, as far as was seen; null when nobody does.</summary>
    public string? Holder => _claim.Holder;

    /// <summary>False when this process believes that it leads although its renewal is overdue by 20 seconds: it hangs, restart it.</summary>
    public bool IsHealthy => !IsLeader || SinceRenewal <= _options.LeaseDuration + Overdue;

    private TimeSpan SinceRenewal => _timeProvider.GetElapsedTime(Volatile.Read(ref _lastRenewStart));

    /// <summary>
    /// Waits for the lease, then leads until the work ends. On a regular stop the lease is kept until <paramref name="lead"/> has
    /// returned, then given up.
    /// </summary>
    /// <param name="lead">The leader's work; its token is cancelled on a regular stop and when the lease is lost.</param>
    /// <param name="cancellationToken">Asks for a regular stop.</param>
    /// <exception cref="LeadershipLostException">The lease was lost; the process is to exit.</exception>
    public async Task RunAsync(Func<LeadershipTerm, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        Running.Add(this);
        try
        {
            if (await AcquireAsync(cancellationToken))
                await LeadAsync(lead, cancellationToken);
            else if (_claim.MayBeOurs)
                await ReleaseAsync();
        }
        finally
        {
            _isLeader = false;
            Running.Remove(this);
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!await TryAcquireOrRenewAsync(cancellationToken))
            {
                var pause = _options.RetryPeriod * (1 + (LeaderElectionOptions.JitterFactor * _options.Random.NextDouble()));
                await Task.Delay(pause, _timeProvider, cancellationToken);
            }

            return true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task LeadAsync(Func<LeadershipTerm, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        var term = _claim.Term;
        _logger.LogInformation("Leading as {Identity}, term {Transitions}", term.Identity, term.Transitions);
        _isLeader = true;
        using var office = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var renewing = new CancellationTokenSource();

        var leading = BeginAsync();
        var loss = RenewUntilLostAsync(renewing.Token);
        await Task.WhenAny(leading, loss);
        if (!leading.IsCompleted)
        {
            _isLeader = false;
            await Task.WhenAll(EndAsync(), leading).WaitAsync(LossGrace, _timeProvider, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            throw new LeadershipLostException($"Leadership lost: {await loss}. This process must exit; started anew it stands for election again.");
        }

        renewing.Cancel();
        await ((Task)loss).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _isLeader = false;
        if (leading.IsCompletedSuccessfully || (leading.IsCanceled && cancellationToken.IsCancellationRequested))
            await ReleaseAsync();
        else
            await leading;

        async Task BeginAsync()
        {
            // Off this stack, so that work that begins without a pause does not keep the renewal waiting.
            await Task.Yield();
            await lead(term, office.Token);
        }

        async Task EndAsync()
        {
            await Task.Yield();
            office.Cancel();
        }
    }

    /// <summary>Renews until that fails for too long; tells why.</summary>
    private async Task<string> RenewUntilLostAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_options.RetryPeriod, _timeProvider, cancellationToken);
            if (await RenewAsync(cancellationToken) is { } loss)
                return loss;
        }
    }

    /// <summary>Renews once, trying again until the deadline; null when it succeeded, otherwise why the lease is lost.</summary>
    private async Task<string?> RenewAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_options.RenewDeadline, _timeProvider, cancellationToken);
        try
        {
            // The wait ends at the deadline even if the request does not heed its token.
            while (!await TryAcquireOrRenewAsync(deadline.Token).WaitAsync(deadline.Token))
            {
                if (Holder is { } other && other != _options.Identity)
                    return $"{other} holds the lease {_options.Namespace}/{_options.Name} now";
                await Task.Delay(_options.RetryPeriod, _timeProvider, deadline.Token);
            }

            return null;
        }
        catch (Exception) when (deadline.HasPassed)
        {
            return $"the lease {_options.Namespace}/{_options.Name} could not be renewed for {_options.RenewDeadline:g}";
        }
    }

    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        if (!await _claim.TryAcquireOrRenewAsync(cancellationToken))
            return false;
        Volatile.Write(ref _lastRenewStart, started);
        return true;
    }

    private async Task ReleaseAsync()
    {
        using var budget = new Deadline(_options.RenewDeadline, _timeProvider, CancellationToken.None);
        try
        {
            while (!await _claim.TryReleaseAsync(budget.Token))
                await Task.Delay(_options.RetryPeriod, _timeProvider, budget.Token);
        }
        catch (Exception) when (budget.HasPassed)
        {
            _logger.LogWarning("The lease {Namespace}/{Name} could not be released; it runs out by itself", _options.Namespace, _options.Name);
        }
    }
}
