using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace RolloutController.Analysis.Metrics;

/// <summary>One try at a query, and whether the next may fare better.</summary>
internal sealed record PrometheusAttempt(MetricReading Reading)
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>Whether the same query may work in a moment.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long the server asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Total time, retries, circuit breaker, time of one attempt, from the outside in. An answer that holds no data is data,
    /// and a refusal stays one: neither is tried again.
    /// </summary>
    /// <param name="clock">The clock of all waits.</param>
    /// <param name="random">What waits are spread by.</param>
    public static ResiliencePipeline<PrometheusAttempt> Pipeline(TimeProvider clock, Random random)
    {
        var worthRetrying = new PredicateBuilder<PrometheusAttempt>()
            .Handle<HttpRequestException>()
            .Handle<IOException>()
            .Handle<TimeoutRejectedException>()
            .HandleResult(attempt => attempt.IsTransient);
        return new ResiliencePipelineBuilder<PrometheusAttempt> { TimeProvider = clock }
            .AddTimeout(TimeSpan.FromSeconds(30))
            .AddRetry(new RetryStrategyOptions<PrometheusAttempt>
            {
                ShouldHandle = worthRetrying,
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(500),
                MaxDelay = TimeSpan.FromSeconds(4),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = random.NextDouble,
                DelayGenerator = arguments => ValueTask.FromResult(Wait(arguments.Outcome.Result)),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<PrometheusAttempt>
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

    private static TimeSpan? Wait(PrometheusAttempt? attempt) => attempt?.RetryAfter switch
    {
        null => null,
        var wait when wait < TimeSpan.FromSeconds(1) => TimeSpan.FromSeconds(1),
        var wait when wait > LongestRetryAfter => LongestRetryAfter,
        var wait => wait,
    };
}
