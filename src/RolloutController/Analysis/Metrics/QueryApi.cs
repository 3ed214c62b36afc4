using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using RolloutController.Endpoints;

namespace RolloutController.Analysis.Metrics;

/// <summary>Asks a server for metrics in the way of Prometheus, and says what came of it in the words of one provider.</summary>
internal sealed class QueryApi : IDisposable
{
    private const int MaxBody = 1024 * 1024;
    private const int MaxConcurrency = 8;

    private readonly string _name;
    private readonly Func<MetricQuery, CancellationToken, Task<HttpRequestMessage>> _request;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    // Full when as many queries run as may. A channel and no semaphore: who waited goes on in its own context.
    private readonly Channel<bool> _slots = Channel.CreateBounded<bool>(MaxConcurrency);
    private readonly ResiliencePipeline<Attempt<MetricReading>> _pipeline;

    /// <summary>Opens it; the first query makes the first connection.</summary>
    /// <param name="options">Where and how; without <see cref="EndpointOptions.Problems"/>.</param>
    /// <param name="request">Puts a query into a request.</param>
    /// <param name="clock">The clock of timeouts and retries.</param>
    /// <param name="handler">What carries the requests in place of the network; null for the network.</param>
    /// <param name="random">What waits are spread by; null for chance.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public QueryApi(
        EndpointOptions options, Func<MetricQuery, CancellationToken, Task<HttpRequestMessage>> request, TimeProvider clock, HttpMessageHandler? handler, Random? random)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        _name = options.Name;
        _request = request;
        _clock = clock;
        _http = EndpointConnection.Open(options, handler);
        _pipeline = Attempt<MetricReading>.Pipeline(clock, random ?? Random.Shared);
    }

    /// <summary>Asks. Never throws for what the server did.</summary>
    public async Task<MetricReading> ReadAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        await _slots.Writer.WriteAsync(true, cancellationToken);
        var started = _clock.GetTimestamp();
        try
        {
            var reading = await AskAsync(query, cancellationToken);
            QueryInstruments.Answered(_name, reading, _clock.GetElapsedTime(started));
            return reading;
        }
        finally
        {
            _slots.Reader.TryRead(out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<MetricReading> AskAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        try
        {
            var attempt = await _pipeline.ExecuteInPlaceAsync(
                static (question, cancellation) => question.Api.AttemptAsync(question.Query, cancellation),
                (Api: this, Query: query),
                cancellationToken);
            return attempt.Result;
        }
        catch (BrokenCircuitException pause)
        {
            return Unavailable(EndpointConnection.Explain(pause));
        }
        catch (TimeoutRejectedException)
        {
            return Unavailable("did not answer in time");
        }
        catch (Exception exception) when (CredentialException.IsIn(exception))
        {
            return Refused("cannot be asked: the controller cannot read a token, password or certificate from its file");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Unavailable(EndpointConnection.Explain(exception));
        }
    }

    private async ValueTask<Attempt<MetricReading>> AttemptAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        using var request = await _request(query, cancellationToken);
        // The pipeline waits for this outside of its caller's context; going back into that would send the pipeline to the thread pool.
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (Refusal(response.StatusCode) is { } refusal)
            return new Attempt<MetricReading>(Refused(refusal));
        if (!response.IsSuccessStatusCode)
        {
            return new Attempt<MetricReading>(Unavailable(string.Create(CultureInfo.InvariantCulture, $"answered with status {(int)response.StatusCode}")))
            {
                IsTransient = Attempt.IsTransient(response.StatusCode),
                RetryAfter = response.Headers.RetryAfter?.Delta,
            };
        }

        // A login page or a proxy's own page also comes with status 200.
        if (response.Content.Headers.ContentType?.MediaType != "application/json" || response.Content.Headers.ContentEncoding.Count > 0)
            return new Attempt<MetricReading>(Unavailable("did not answer with plain JSON; is there a login page or a proxy before it?"));

        return new Attempt<MetricReading>(await BoundedBody.ReadAsync(response.Content, MaxBody, cancellationToken) is { } body
            ? PrometheusReply.Read(body, query, response.Headers.Date ?? _clock.GetUtcNow(), _name)
            : Refused($"answered with more than {MaxBody / 1024 / 1024} MiB; add label matchers that narrow the selector"));
    }

    /// <summary>What only a person can mend, so that asking again would not help.</summary>
    private static string? Refusal(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => "does not understand the query (400); check its regular expressions",
        HttpStatusCode.Unauthorized => "wants other credentials or a tenant (401); check the operator's settings for it",
        HttpStatusCode.Forbidden => "does not allow the query (403); check the operator's settings for it",
        HttpStatusCode.NotFound => "has no query API at its address (404); check the address and its path",
        HttpStatusCode.MethodNotAllowed => "does not take queries at its address (405); check the address and its path",
        HttpStatusCode.UnprocessableEntity => "cannot run the query (422); it matches too much, or makes no sense",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => "redirects, which is not followed; set its final address, and check that no login page stands before it",
        _ => null,
    };

    private MetricReading.Unavailable Unavailable(string what) => new($"provider {_name} {what}");

    private MetricReading.Refused Refused(string what) => new($"provider {_name} {what}");
}
