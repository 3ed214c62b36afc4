using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using RolloutController.Api;
using RolloutController.Endpoints;

namespace RolloutController.Analysis.Checks;

/// <summary>An endpoint that is asked whether a version may go on, as the operator sets it up.</summary>
/// <param name="Name">The name that Rollouts use in <c>hook.name</c>; a DNS label.</param>
/// <param name="Address">Where questions are posted to.</param>
public sealed record HookOptions(string Name, Uri Address) : EndpointOptions(Name, Address)
{
    /// <summary>A file with the key that questions are signed with; left out, they are not.</summary>
    public string? SigningKeyFile { get; init; }

    /// <inheritdoc/>
    protected override string Title => $"Hook {Name}";
}

/// <summary>Asks one endpoint.</summary>
public sealed class Hook : IDisposable
{
    private const int MaxBody = 64 * 1024;
    private const int LongestMessage = 200;

    private readonly HookOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline<Attempt<CheckLook>> _pipeline;

    /// <summary>Prepares asking; the first question makes the first connection.</summary>
    /// <param name="options">Where and how; without problems.</param>
    /// <param name="clock">The clock of timeouts and retries.</param>
    /// <param name="handler">What carries the requests in place of the network; null for the network.</param>
    /// <param name="random">What waits are spread by; null for chance.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public Hook(HookOptions options, TimeProvider clock, HttpMessageHandler? handler = null, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        (_options, _clock) = (options, clock);
        _http = EndpointConnection.Open(options, handler);
        _pipeline = Attempt<CheckLook>.Pipeline(clock, random ?? Random.Shared);
    }

    /// <summary>Asks: the same question, with the same key, until somebody answers or patience ends.</summary>
    public async Task<CheckLook> AskAsync(HookQuestion question, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(question, HookJson.Default.HookQuestion);
        var key = Guid.NewGuid().ToString("N");
        try
        {
            var attempt = await _pipeline.ExecuteInPlaceAsync(
                static (ask, cancellation) => ask.Hook.AttemptAsync(ask.Body, ask.Key, cancellation), (Hook: this, Body: body, Key: key), cancellationToken);
            return attempt.Result;
        }
        catch (BrokenCircuitException pause)
        {
            return Unknown(DataClass.ProviderError, EndpointConnection.Explain(pause));
        }
        catch (TimeoutRejectedException)
        {
            return Unknown(DataClass.ProviderError, "did not answer in time");
        }
        catch (Exception exception) when (CredentialException.IsIn(exception))
        {
            return Unknown(DataClass.ConfigError, "cannot be asked: the controller cannot read a token, key or certificate from its file");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Unknown(DataClass.ProviderError, EndpointConnection.Explain(exception));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async ValueTask<Attempt<CheckLook>> AttemptAsync(byte[] body, string key, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(body, key, cancellationToken);
        // The pipeline waits for this outside of its caller's context; going back into that would send the pipeline to the thread pool.
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NoContent)
            return new Attempt<CheckLook>(new CheckLook.Passed(_clock.GetUtcNow(), $"hook {_options.Name} lets it proceed"));
        if (!response.IsSuccessStatusCode)
        {
            var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return (int)response.StatusCode is >= 300 and < 500 and not (int)HttpStatusCode.TooManyRequests
                ? new Attempt<CheckLook>(Unknown(DataClass.ConfigError, $"refuses the question with status {status}; check the operator's settings for it"))
                : new Attempt<CheckLook>(Unknown(DataClass.ProviderError, $"answered with status {status}"))
                {
                    IsTransient = Attempt.IsTransient(response.StatusCode),
                    RetryAfter = response.Headers.RetryAfter?.Delta,
                };
        }

        return new Attempt<CheckLook>(Read(await BoundedBody.ReadAsync(response.Content, MaxBody, cancellationToken)));
    }

    private async Task<HttpRequestMessage> RequestAsync(byte[] body, string key, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Address)
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") }, Authorization = await EndpointConnection.AuthorizationAsync(_options, cancellationToken) },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.UserAgent.ParseAdd("rollout-controller");
        request.Headers.Add("X-Request-ID", Guid.NewGuid().ToString("N"));
        request.Headers.Add("Idempotency-Key", key);
        if (_options.SigningKeyFile is { } file)
        {
            var secret = await Secret.ReadAsync(file, cancellationToken);
            request.Headers.Add(Signature.Header, Signature.Of(body, secret));
        }

        return request;
    }

    /// <summary>Anything but one of the three words is unknown: a login page also comes with status 200.</summary>
    private CheckLook Read(ReadOnlyMemory<byte>? body)
    {
        var now = _clock.GetUtcNow();
        return Reply(body) switch
        {
            { Verdict: "proceed" } reply => new CheckLook.Passed(now, $"hook {_options.Name} lets it proceed{Said(reply)}"),
            { Verdict: "hold" } reply => new CheckLook.Pending(now, $"hook {_options.Name} holds it{Said(reply)}"),
            { Verdict: "rollback" } reply => new CheckLook.Failed(now, $"hook {_options.Name} wants it rolled back{Said(reply)}"),
            _ => Unknown(DataClass.ProviderError, "did not answer with a verdict; it is to answer {\"verdict\": \"proceed\"}, or hold, or rollback"),
        };
    }

    private static HookReply? Reply(ReadOnlyMemory<byte>? body)
    {
        try
        {
            return body is { } text ? JsonSerializer.Deserialize(text.Span, HookJson.Default.HookReply) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The endpoint is the operator's, and what it says is meant for people; what is not text, and what is long, is left out.</summary>
    private static string Said(HookReply reply) => reply.Message is { Length: > 0 } message
        ? $": {StatusBounds.Cut(new string([.. message.Where(character => !char.IsControl(character))]), LongestMessage)}"
        : "";

    private CheckLook.Unknown Unknown(DataClass found, string what) => new(_clock.GetUtcNow(), found, $"hook {_options.Name} {what}");
}
