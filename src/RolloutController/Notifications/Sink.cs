using System.Text.Json.Nodes;
using System.Threading.Channels;
using Polly;
using Polly.Timeout;
using RolloutController.Endpoints;

namespace RolloutController.Notifications;

/// <summary>
/// Sends to one place, beside everything else and one after the other. What waits is bounded: when too much does, the oldest goes, because the
/// newest says where things are.
/// </summary>
internal sealed class Sink : IDisposable
{
    /// <summary>How many notifications wait at the most.</summary>
    public const int QueueLength = 500;

    private readonly SinkOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline<DeliveryAttempt> _pipeline;
    private readonly Channel<Notification> _queue;

    /// <summary>Opens a sink; the first message makes the first connection.</summary>
    public Sink(SinkOptions options, TimeProvider clock, ILogger logger, HttpMessageHandler? handler, Random random)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _http = EndpointConnection.Open(handler, options.CertificateAuthorityFile);
        _pipeline = DeliveryAttempt.Pipeline(clock, random);
        _queue = Channel.CreateBounded<Notification>(
            new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            dropped => GiveUp(dropped, NotificationInstruments.Dropped, $"more than {QueueLength} wait already"));
    }

    /// <summary>Takes a notification to send, where it is for this place; returns at once.</summary>
    public void Tell(Notification told)
    {
        if (IsMeant(told))
            _queue.Writer.TryWrite(told);
    }

    /// <summary>Sends until it is told to stop, then what still waits.</summary>
    /// <param name="stop">Ends the waiting for more.</param>
    /// <param name="abort">Ends everything.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        NotificationInstruments.Begin(_options.Name);
        try
        {
            while (await NextAsync(stop) is { } told)
                await SendAsync(told, abort);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            while (_queue.Reader.TryRead(out var unsent))
                GiveUp(unsent, NotificationInstruments.Dropped, "the process ends");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private bool IsMeant(Notification told) =>
        (told.Notice.Severity <= _options.Severity || (_options.Kind == SinkKind.PagerDuty && PagerDutyEvents.Resolves(told, _options.Severity)))
        && (_options.Namespaces.Count == 0 || _options.Namespaces.Contains(told.Namespace));

    private async Task<Notification?> NextAsync(CancellationToken stop)
    {
        try
        {
            return _queue.Reader.TryRead(out var waiting) ? waiting : await _queue.Reader.ReadAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task SendAsync(Notification told, CancellationToken abort)
    {
        try
        {
            foreach (var message in Messages(told))
            {
                if (await SendAsync(told, message, abort) is { } failure)
                {
                    GiveUp(told, NotificationInstruments.Failed, failure);
                    return;
                }
            }

            NotificationInstruments.Count(_options.Name, NotificationInstruments.Sent);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            GiveUp(told, NotificationInstruments.Dropped, "the process ends");
            throw;
        }
#pragma warning disable CA1031 // Whatever one notification does must not stop those after it.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            // Only its type: messages may repeat an address.
            GiveUp(told, NotificationInstruments.Failed, $"could not be asked ({unexpected.GetType().Name})");
        }
    }

    private IEnumerable<JsonObject> Messages(Notification told) => _options.Kind switch
    {
        SinkKind.Slack => [SlackMessage.Of(told)],
        SinkKind.Teams => [TeamsMessage.Of(told)],
        SinkKind.PagerDuty => PagerDutyEvents.Of(told, _options.Severity),
        _ => [WebhookMessage.Of(told)],
    };

    private async Task<string?> SendAsync(Notification told, JsonObject message, CancellationToken abort)
    {
        try
        {
            var attempt = await _pipeline.ExecuteInPlaceAsync(
                static (sending, cancellation) => sending.Sink.AttemptAsync(sending.Message, sending.Id, cancellation),
                (Sink: this, Message: message, told.Id),
                abort);
            return attempt.Failure;
        }
        catch (TimeoutRejectedException)
        {
            return "did not answer in time";
        }
    }

    private async ValueTask<DeliveryAttempt> AttemptAsync(JsonObject message, string id, CancellationToken cancellationToken)
    {
        try
        {
            using var request = await SinkRequest.MakeAsync(_options, message, id, cancellationToken);
            // The pipeline waits for this outside of its caller's context; going back into that would send the pipeline to the thread pool.
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return DeliveryAttempt.Of(response, _clock.GetUtcNow());
        }
        catch (CredentialException)
        {
            return new DeliveryAttempt("cannot be asked: its address, key or token cannot be read from the file") { IsTransient = true };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new DeliveryAttempt(EndpointConnection.Explain(exception)) { IsTransient = true };
        }
    }

    private void GiveUp(Notification told, string outcome, string why)
    {
        NotificationInstruments.Count(_options.Name, outcome);
        _logger.LogWarning("Notification sink {Sink}: {Reason} of {Rollout} is not sent: {Why}", _options.Name, told.Notice.Reason.Word, told.Rollout, why);
    }
}
