using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace RolloutController.Endpoints;

/// <summary>One try at a question, and whether the next may fare better.</summary>
/// <param name="Result">What came of it.</param>
internal sealed record Attempt<T>(T Result)
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>Whether the same question may work in a moment.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long the server asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Total time, retries, circuit breaker, time of one attempt, from the outside in. An answer that holds no data is data,
    /// and a refusal stays one: neither is tried again.
    /// </summary>
    /// <param name="clock">The clock of all waits.</param>
    /// <param name="random">What waits are spread by.</param>
    public static ResiliencePipeline<Attempt<T>> Pipeline(TimeProvider clock, Random random)
    {
        var worthRetrying = new PredicateBuilder<Attempt<T>>()
            .Handle<HttpRequestException>(failed => !CredentialException.IsIn(failed))
            .Handle<IOException>(failed => !CredentialException.IsIn(failed))
            .Handle<TimeoutRejectedException>()
            .HandleResult(attempt => attempt.IsTransient);
        return new ResiliencePipelineBuilder<Attempt<T>> { TimeProvider = clock }
            .AddTimeout(TimeSpan.FromSeconds(30))
            .AddRetry(new RetryStrategyOptions<Attempt<T>>
            {
                ShouldHandle = worthRetrying,
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(500),
                MaxDelay = TimeSpan.FromSeconds(4),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = random.NextDouble,
                DelayGenerator = arguments => ValueTask.FromResult(Attempt.Wait(arguments.Outcome.Result?.RetryAfter, LongestRetryAfter)),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt<T>>
            {
                ShouldHandle = worthRetrying,
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromSeconds(60),
                BreakDuration = TimeSpan.FromSeconds(30),
            })
            .AddTimeout(TimeSpan.FromSeconds(10))
            .Build();
    }
}

/// <summary>What tries have in common.</summary>
internal static class Attempt
{
    /// <summary>How long to wait before the next; null where the server did not ask.</summary>
    /// <param name="retryAfter">How long the server asked to wait.</param>
    /// <param name="longest">How long it may ask for.</param>
    public static TimeSpan? Wait(TimeSpan? retryAfter, TimeSpan longest) => retryAfter switch
    {
        null => null,
        var wait when wait < TimeSpan.FromSeconds(1) => TimeSpan.FromSeconds(1),
        var wait when wait > longest => longest,
        var wait => wait,
    };

    /// <summary>Whether an answer says that another try may fare better.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
