using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using RolloutController.Outbound;

namespace RolloutController.Analysis.Metrics;

/// <summary>Asks a Prometheus query API.</summary>
public sealed class PrometheusProvider : IMetricProvider, IDisposable
{
    private const int MaxBody = 1024 * 1024;
    private const int MaxConcurrency = 8;

    private readonly PrometheusOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    // Full when as many queries run as may. A channel and no semaphore: who waited goes on in its own context.
    private readonly Channel<bool> _slots = Channel.CreateBounded<bool>(MaxConcurrency);
    private readonly ResiliencePipeline<PrometheusAttempt> _pipeline;

    /// <summary>Opens a provider; the first query makes the first connection.</summary>
    /// <param name="options">Where and how; without <see cref="PrometheusOptions.Problems"/>.</param>
    /// <param name="clock">The clock of timeouts and retries.</param>
    /// <param name="handler">What carries the requests in place of the network; null for the network.</param>
    /// <param name="random">What waits are spread by; null for chance.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public PrometheusProvider(PrometheusOptions options, TimeProvider clock, HttpMessageHandler? handler = null, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        _options = options;
        _clock = clock;
        _http = handler is null ? OperatorConnection.Open(options.CertificateAuthorityFile) : OperatorConnection.Over(handler);
        _pipeline = PrometheusAttempt.Pipeline(clock, random ?? Random.Shared);
        DefaultSelectors = Presets.Find(options.Preset ?? Presets.Default);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public ErrorRateSelectors DefaultSelectors { get; }

    /// <inheritdoc/>
    public LatencySelectors? Latency(TimeSpan bound) => Presets.Latency(_options.Preset ?? Presets.Default, bound);

    /// <inheritdoc/>
    public string? NamespaceLabel => _options.NamespaceLabel;

    /// <summary>Whether Rollouts that name no provider use this one.</summary>
    public bool IsDefault => _options.IsDefault;

    /// <inheritdoc/>
    public async Task<MetricReading> ReadAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        await _slots.Writer.WriteAsync(true, cancellationToken);
        try
        {
            var attempt = await _pipeline.ExecuteAsync(
                static (question, cancellation) => question.Provider.AttemptAsync(question.Query, cancellation),
                (Provider: this, Query: query),
                cancellationToken);
            return attempt.Reading;
        }
        catch (BrokenCircuitException)
        {
            return Unavailable("failed too often lately and is left alone for half a minute");
        }
        catch (TimeoutRejectedException)
        {
            return Unavailable("did not answer in time");
        }
        catch (CredentialException)
        {
            return Refused("cannot be asked: the controller cannot read a token or password from its file");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Unavailable((exception as HttpRequestException)?.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "cannot be reached: its name does not resolve",
                HttpRequestError.SecureConnectionError => "cannot be trusted: its certificate does not fit the address or the certificate authority",
                _ => "cannot be reached, or broke the connection off",
            });
        }
        finally
        {
            _slots.Reader.TryRead(out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async ValueTask<PrometheusAttempt> AttemptAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        using var request = await PrometheusRequest.MakeAsync(_options, query, cancellationToken);
        // The pipeline waits for this outside of its caller's context; going back into that would send the pipeline to the thread pool.
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (Refusal(response.StatusCode) is { } refusal)
            return new PrometheusAttempt(Refused(refusal));
        if (!response.IsSuccessStatusCode)
        {
            return new PrometheusAttempt(Unavailable(string.Create(CultureInfo.InvariantCulture, $"answered with status {(int)response.StatusCode}")))
            {
                IsTransient = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
                RetryAfter = response.Headers.RetryAfter?.Delta,
            };
        }

        // A login page or a proxy's own page also comes with status 200.
        if (response.Content.Headers.ContentType?.MediaType != "application/json" || response.Content.Headers.ContentEncoding.Count > 0)
            return new PrometheusAttempt(Unavailable("did not answer with plain JSON; is there a login page or a proxy before it?"));

        return new PrometheusAttempt(await BodyAsync(response.Content, cancellationToken) is { } body
            ? PrometheusReply.Read(body, query, response.Headers.Date ?? _clock.GetUtcNow(), Name)
            : Refused($"answered with more than {MaxBody / 1024 / 1024} MiB; add label matchers that narrow the selector"));
    }

    /// <summary>The body, or null when it is larger than any honest answer.</summary>
    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (body.Length + read > MaxBody)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>What only a person can mend, so that asking again would not help.</summary>
    private static string? Refusal(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => "does not understand the query (400); check its regular expressions",
        HttpStatusCode.Unauthorized => "wants other credentials or a tenant (401); check the operator's settings for it",
        HttpStatusCode.Forbidden => "does not allow the query (403); check the operator's settings for it",
        HttpStatusCode.NotFound => "has no query API at its address (404); check the address and its path",
        HttpStatusCode.MethodNotAllowed => "does not take queries by POST at its address (405); check the address and its path",
        HttpStatusCode.UnprocessableEntity => "cannot run the query (422); it matches too much, or makes no sense",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => "redirects, which is not followed; set its final address, and check that no login page stands before it",
        _ => null,
    };

    private MetricReading.Unavailable Unavailable(string what) => new($"provider {Name} {what}");

    private MetricReading.Refused Refused(string what) => new($"provider {Name} {what}");
}
