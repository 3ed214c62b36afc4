using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal.Requests;

/// <summary>A stream of requests to one Service, and how they come to it.</summary>
/// <param name="Service">The Service that clients and routes name.</param>
public sealed record RequestStream(ObjectKey Service)
{
    /// <summary>The Service that takes a part of them while a rollout runs; null where pod counts make the split.</summary>
    public ObjectKey? CanaryService { get; init; }

    /// <summary>
    /// The routes that they come by, each with an equal part; within a route, each rule that names a Service of these has an equal part.
    /// Without any they go straight to the Service.
    /// </summary>
    public IReadOnlyList<(string Plural, ObjectKey Key)> Routes { get; init; } = [];

    /// <summary>The share of them, 0 to 1, that has the headers by which a route sends requests to the canary at any weight.</summary>
    public double MatchedShare { get; init; }

    /// <summary>Requests a second, 0 or more, by the time since they began.</summary>
    public Func<TimeSpan, double> RequestsPerSecond { get; init; } = _ => 100;

    /// <summary>After how long a client gives up; the request counts as failed then.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether they are gRPC, whose errors come with HTTP status 200.</summary>
    public bool IsGrpc { get; init; }

    /// <summary>Whether a Service is one of the stream's.</summary>
    internal bool Knows(ObjectKey? service) => service is not null && (service == Service || service == CanaryService);
}
