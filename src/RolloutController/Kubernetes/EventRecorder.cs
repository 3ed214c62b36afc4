using System.Threading.Channels;

namespace RolloutController.Kubernetes;

/// <summary>
/// Tells what happens to objects as events (<c>events.k8s.io/v1</c>), beside the work: recording never waits and never fails. What
/// happens again is counted in a series: the first time is a new event, the second changes it, later ones are counted here and told now and then.
/// </summary>
public sealed class EventRecorder
{
    private const int QueueLength = 1000;

    // client-go's tools/events: how often counts are told and when a series ends.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan SeriesSilence = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan UpkeepInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    private readonly IKubernetesClient _client;
    private readonly ResourceKind<EventRecord> _kind;
    private readonly string _component;
    private readonly string _instance;
    private readonly TimeProvider _timeProvider;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly Dictionary<Occurrence, EventSeries> _series = [];

    // Null asks for the upkeep of the series, in its turn: so one loop owns them.
    private readonly Channel<Occurrence?> _queue = Channel.CreateBounded<Occurrence?>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    /// <summary>Makes a recorder; <see cref="RunAsync"/> sends what it records.</summary>
    /// <param name="client">Asks the API.</param>
    /// <param name="kind">Where events are served.</param>
    /// <param name="component">Who reports, as a qualified name such as <c>rollouts.dev/controller</c>.</param>
    /// <param name="instance">Which instance of it reports, such as the pod's name.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="random">What pauses between attempts are spread by.</param>
    /// <param name="logger">Told of events that are given up.</param>
    public EventRecorder(IKubernetesClient client, ResourceKind<EventRecord> kind, string component, string instance, TimeProvider timeProvider, Random random, ILogger logger)
    {
        _client = client;
        _kind = kind;
        _component = component;
        _instance = instance;
        _timeProvider = timeProvider;
        _random = random;
        _logger = logger;
    }

    /// <summary>Records that something happened; returns at once. When too much waits already, the new event is dropped and counted.</summary>
    /// <param name="regarding">What it happened to.</param>
    /// <param name="type">Whether it wants attention.</param>
    /// <param name="reason">Why, in one CamelCase word of 128 characters at most.</param>
    /// <param name="action">What was done, in one CamelCase word of 128 characters at most.</param>
    /// <param name="note">The whole of it, for a person; cut to 1 kB.</param>
    public void Record(EventSource regarding, EventType type, string reason, string action, string note)
    {
        var occurrence = new Occurrence(regarding, type, reason, action, EventNote.Clean(note), _timeProvider.GetUtcNow());
        if (!_queue.Writer.TryWrite(occurrence))
            EventSender.CountDropped("queue_full");
    }

    /// <summary>Sends events until it is cancelled; then for 2 more seconds, to send what waits.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var flush = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _timeProvider);
        await using var upkeep = _timeProvider.CreateTimer(_ => _queue.Writer.TryWrite(null), null, UpkeepInterval, UpkeepInterval);
        await using var stop = cancellationToken.Register(() =>
        {
            flush.CancelAfter(FlushTime);
            _queue.Writer.TryComplete();
        });
        var sender = new EventSender(_client, _kind, _component, _instance, _timeProvider, _random, _logger, cancellationToken, flush.Token);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(flush.Token))
            {
                while (_queue.Reader.TryRead(out var occurrence))
                    await (occurrence is null ? UpkeepAsync(sender) : TellAsync(occurrence, sender));
            }
            foreach (var series in _series.Values.Where(series => series.HasUnreported))
                await ReportAsync(series, sender);
        }
        catch (Exception) when (flush.IsCancellationRequested)
        {
            _logger.LogWarning("{Count} events were not sent before the end", _queue.Reader.Count);
        }
    }

    private async Task TellAsync(Occurrence occurrence, EventSender sender)
    {
        if (_series.TryGetValue(occurrence.SeriesKey, out var series) && occurrence.Time - series.LastObserved < SeriesSilence)
        {
            series.Observe(occurrence.Time);
            if (series.Count > 2 || await ReportAsync(series, sender))
                return;
        }

        series = new EventSeries(occurrence);
        if (await sender.CreateAsync(series) == SendOutcome.Stored)
            _series[occurrence.SeriesKey] = series;
    }

    /// <summary>Tells the API a series' count; false when the event is no longer there, its time to live being over.</summary>
    private async Task<bool> ReportAsync(EventSeries series, EventSender sender)
    {
        var outcome = await sender.PatchAsync(series);
        if (outcome == SendOutcome.Stored)
            series.Reported(_timeProvider.GetUtcNow());
        return outcome != SendOutcome.Missing;
    }

    private async Task UpkeepAsync(EventSender sender)
    {
        var now = _timeProvider.GetUtcNow();
        foreach (var (key, series) in _series.ToArray())
        {
            var isOver = now - series.LastObserved >= SeriesSilence;
            var isDue = series.HasUnreported && (isOver || now - series.LastReported >= RefreshInterval);
            var isThere = !isDue || await ReportAsync(series, sender);
            if (isOver || !isThere)
                _series.Remove(key);
        }
    }
}
