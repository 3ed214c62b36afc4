using System.Net;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace RolloutController.Kubernetes;

/// <summary>
/// How long requests may take and when they are sent again. Built once a client; there is no circuit breaker, which would hide the
/// recovery of the API from those who wait for it.
/// </summary>
internal sealed class RequestPipelines(KubernetesClientOptions options, TimeProvider timeProvider)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    // Retry-After counts whole seconds, so 0 may mean anything below one; at once would not be after.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RequestSafety, ResiliencePipeline> _writes = Enum.GetValues<RequestSafety>()
        .ToDictionary(safety => safety, safety => Build(safety, options.WriteTimeout, options.WriteTotalTimeout, options, timeProvider));
    private readonly ResiliencePipeline _single =
        Build(RequestSafety.Read, options.RequestTimeout, options.TotalTimeout, options, timeProvider);
    private readonly ResiliencePipeline _list =
        Build(RequestSafety.Read, options.ListTimeout, options.ListTotalTimeout, options, timeProvider);

    /// <summary>The pipeline for a request.</summary>
    public ResiliencePipeline For(KubernetesRequest request) => request.IsWrite ? _writes[request.Safety] : request.Verb == "list" ? _list : _single;

    private static ResiliencePipeline Build(
        RequestSafety safety, TimeSpan attempt, TimeSpan total, KubernetesClientOptions options, TimeProvider timeProvider)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = timeProvider }.AddTimeout(total);
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                MaxDelay = LongestDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = options.Random.NextDouble,
                ShouldHandle = arguments => ValueTask.FromResult(
                    !arguments.Context.CancellationToken.IsCancellationRequested
                    && arguments.Outcome.Exception is { } exception
                    && MayRepeat(exception, safety, total)),
                DelayGenerator = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is KubernetesApiException { RetryAfter: { } wait } ? Max(wait, ShortestWait) : (TimeSpan?)null),
            });
        }
        return builder.AddTimeout(attempt).Build();
    }

    /// <summary>Whether a failed request is sent again.</summary>
    internal static bool MayRepeat(Exception exception, RequestSafety safety, TimeSpan patience) => exception switch
    {
        // Who is asked to wait longer than the caller waits is told so at once.
        KubernetesApiException { RetryAfter: { } wait } when wait > patience => false,
        KubernetesApiException refusal => MayRepeat(refusal, safety),
        // Not sent at all, so nothing can have happened.
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => true,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } => false,
        HttpRequestException or IOException or TimeoutRejectedException => safety is not RequestSafety.Once,
        _ => false,
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static bool MayRepeat(KubernetesApiException refusal, RequestSafety safety) => (refusal.StatusCode, safety) switch
    {
        // With Retry-After the API says that it has not begun (client-go, rest/with_retry.go).
        (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable, _) when refusal.RetryAfter is not null => true,
        (HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable, RequestSafety.Read) => true,
        (HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout, not RequestSafety.Once) => true,
        _ => false,
    };
}
