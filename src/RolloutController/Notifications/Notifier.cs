namespace RolloutController.Notifications;

/// <summary>
/// Tells people who do not look at the cluster, by the sinks that the operator set up. Telling never waits and never fails: each sink has a
/// queue and a pace of its own, so that neither the work nor another sink feels one that is dead.
/// </summary>
public sealed class Notifier : IDisposable
{
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _clock;
    private readonly ToldMemory _told;
    private readonly IReadOnlyList<Sink> _sinks;

    /// <summary>Opens the sinks; <see cref="RunAsync"/> sends.</summary>
    /// <param name="sinks">The sinks.</param>
    /// <param name="clock">The clock of waits and timeouts.</param>
    /// <param name="logger">Told of what is not sent.</param>
    /// <param name="handler">What carries the requests in place of the network; null for the network.</param>
    /// <param name="random">What waits are spread by; null for chance.</param>
    public Notifier(IReadOnlyList<SinkOptions> sinks, TimeProvider clock, ILogger logger, HttpMessageHandler? handler = null, Random? random = null)
    {
        _clock = clock;
        _told = new ToldMemory(clock);
        _sinks = [.. sinks.Select(sink => new Sink(sink, clock, logger, handler, random ?? Random.Shared))];
    }

    /// <summary>Whether there is anybody to tell.</summary>
    public bool HasSinks => _sinks.Count > 0;

    /// <summary>Tells every sink that it is meant for; returns at once. What was told within the hour is not told again.</summary>
    public void Tell(Notification told)
    {
        ArgumentNullException.ThrowIfNull(told);
        if (!HasSinks || !_told.Add(told.Id))
            return;
        foreach (var sink in _sinks)
            sink.Tell(told);
    }

    /// <summary>Sends until it is cancelled; then for 3 more seconds, to send what waits.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var flush = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        await using var stop = cancellationToken.Register(() => flush.CancelAfter(FlushTime));
        await Task.WhenAll(_sinks.Select(sink => sink.RunAsync(cancellationToken, flush.Token)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var sink in _sinks)
            sink.Dispose();
    }
}
