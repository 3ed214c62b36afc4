using System.Globalization;
using System.Net;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using RolloutController.Endpoints;

namespace RolloutController.Notifications;

/// <summary>One try to send a message, and whether the next may fare better.</summary>
/// <param name="Failure">What went wrong, as the end of a sentence, with nothing secret in it; null where it was taken.</param>
internal sealed record DeliveryAttempt(string? Failure)
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>Whether the same message may be taken in a moment.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long the server asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Reads an answer; its body is of no interest.</summary>
    public static DeliveryAttempt Of(HttpResponseMessage response, DateTimeOffset now) => response.StatusCode switch
    {
        >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => new DeliveryAttempt(Failure: null),
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new DeliveryAttempt("redirects, which is not followed; set its final address"),
        var status => new DeliveryAttempt(string.Create(CultureInfo.InvariantCulture, $"answered with status {(int)status}"))
        {
            IsTransient = status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
            RetryAfter = response.Headers.RetryAfter?.Delta ?? (response.Headers.RetryAfter?.Date - now),
        },
    };

    /// <summary>
    /// Total time, retries, time of one attempt, from the outside in: a sink that is away for five minutes still gets what it missed.
    /// </summary>
    /// <param name="clock">The clock of all waits.</param>
    /// <param name="random">What waits are spread by.</param>
    public static ResiliencePipeline<DeliveryAttempt> Pipeline(TimeProvider clock, Random random) =>
        new ResiliencePipelineBuilder<DeliveryAttempt> { TimeProvider = clock }
            .AddTimeout(TimeSpan.FromMinutes(15))
            .AddRetry(new RetryStrategyOptions<DeliveryAttempt>
            {
                ShouldHandle = new PredicateBuilder<DeliveryAttempt>().Handle<TimeoutRejectedException>().HandleResult(attempt => attempt.IsTransient),
                MaxRetryAttempts = 10,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromSeconds(60),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = random.NextDouble,
                DelayGenerator = arguments => ValueTask.FromResult(Attempt.Wait(arguments.Outcome.Result?.RetryAfter, LongestRetryAfter)),
            })
            .AddTimeout(TimeSpan.FromSeconds(10))
            .Build();
}
