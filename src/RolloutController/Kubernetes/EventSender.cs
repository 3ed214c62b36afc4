using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;

namespace RolloutController.Kubernetes;

/// <summary>What became of an event that was sent.</summary>
internal enum SendOutcome
{
    /// <summary>The API has it.</summary>
    Stored,

    /// <summary>There is no event to change any more.</summary>
    Missing,

    /// <summary>The API refused it or was not reached.</summary>
    GivenUp,
}

/// <summary>Sends events for the time of one run: patiently while it lasts, without waiting once it is to stop.</summary>
/// <param name="client">Asks the API.</param>
/// <param name="kind">Where events are served.</param>
/// <param name="component">Who reports.</param>
/// <param name="instance">Which instance of it reports.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="random">What pauses are spread by.</param>
/// <param name="logger">Told of events that are given up.</param>
/// <param name="stopping">Ends the waiting between attempts.</param>
/// <param name="aborted">Ends the requests themselves.</param>
internal sealed class EventSender(
    IKubernetesClient client,
    ResourceKind<EventRecord> kind,
    string component,
    string instance,
    TimeProvider timeProvider,
    Random random,
    ILogger logger,
    CancellationToken stopping,
    CancellationToken aborted)
{
    private const int MaxInstanceLength = 128;

    // client-go's tools/events.
    private const int MaxAttempts = 12;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private static readonly Counter<long> Dropped =
        KubernetesInstruments.Meter.CreateCounter<long>("events_dropped_total", description: "Events that were not stored, by reason.");

    /// <summary>Counts an event that nobody will see.</summary>
    public static void CountDropped(string reason) => Dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Stores a series' first event.</summary>
    public Task<SendOutcome> CreateAsync(EventSeries series) =>
        SendAsync(() => client.CreateAsync(kind, series.Key.Namespace, ToJson(series), aborted));

    /// <summary>Changes a series' event to what the series has come to.</summary>
    public Task<SendOutcome> PatchAsync(EventSeries series)
    {
        var state = new JsonObject { ["count"] = series.Count, ["lastObservedTime"] = KubernetesTime.FormatMicro(series.LastObserved) };
        return SendAsync(() => client.PatchAsync(kind, series.Key, Patch.Merge(new JsonObject { ["series"] = state }), aborted));
    }

    private async Task<SendOutcome> SendAsync(Func<Task> request)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await request();
                return SendOutcome.Stored;
            }
            catch (KubernetesApiException exception) when (exception.IsAlreadyExists)
            {
                return SendOutcome.Stored;
            }
            catch (KubernetesApiException exception) when (exception.IsNotFound)
            {
                return SendOutcome.Missing;
            }
            catch (Exception exception) when (!aborted.IsCancellationRequested)
            {
                if (attempt == MaxAttempts || stopping.IsCancellationRequested || !WatchFailure.IsPassing(exception))
                    return GiveUp(exception, attempt);
            }

            var pause = RetryPause * (0.75 + (0.5 * random.NextDouble()));
            await Task.Delay(pause, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private SendOutcome GiveUp(Exception exception, int attempts)
    {
        logger.LogWarning("An event was given up after {Attempts} attempt(s): {Reason}", attempts, exception.Message);
        CountDropped(WatchFailure.IsPassing(exception) ? "unreachable" : "refused");
        return SendOutcome.GivenUp;
    }

    private JsonObject ToJson(EventSeries series) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["metadata"] = new JsonObject { ["namespace"] = series.Key.Namespace, ["name"] = series.Key.Name },
        ["eventTime"] = KubernetesTime.FormatMicro(series.First.Time),
        ["reportingController"] = component,
        ["reportingInstance"] = instance.Length > MaxInstanceLength ? instance[..MaxInstanceLength] : instance,
        ["type"] = series.First.Type.ToString(),
        ["reason"] = series.First.Reason,
        ["action"] = series.First.Action,
        ["note"] = series.First.Note,
        ["regarding"] = Reference(series.First.Regarding),
    };

    private static JsonObject Reference(EventSource regarding) => new()
    {
        ["apiVersion"] = regarding.ApiVersion,
        ["kind"] = regarding.Kind,
        ["namespace"] = regarding.Namespace,
        ["name"] = regarding.Name,
        ["uid"] = regarding.Uid,
        ["resourceVersion"] = regarding.ResourceVersion,
    };
}
