using System.Collections.Concurrent;
using System.Net;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>What keeps the passes of a Rollout from succeeding, for people.</summary>
/// <param name="Reason">A word for programs.</param>
/// <param name="Message">What failed. Only what the API or this code says of it: other exceptions may quote what is nobody's business.</param>
internal sealed record Trouble(EventReason Reason, string Message)
{
    private const int LongestMessage = 512;

    /// <summary>The trouble of a pass that failed.</summary>
    public static Trouble Of(Exception failed) => failed switch
    {
        EffectRefusedException refused => new Trouble(refused.Reason, refused.Message),
        KubernetesApiException refused => new Trouble(EventReason.ReconcileFailed, StatusBounds.Cut($"the API refuses what is next to do, and it is tried again: {refused.Message}", LongestMessage)),
        InvalidOperationException or FormatException => new Trouble(EventReason.ReconcileFailed, StatusBounds.Cut($"what is next to do cannot be done, and is tried again: {failed.Message}", LongestMessage)),
        _ => new Trouble(EventReason.ReconcileFailed, $"the pass failed ({failed.GetType().Name}) and is tried again; see the controller's log"),
    };

    /// <summary>Whether a pass failed by no fault of the Rollout: the API does not answer, and would take no status either.</summary>
    public static bool IsOutage(Exception failed) => failed is HttpRequestException or IOException or TimeoutException or KubernetesCredentialException
        or KubernetesApiException { StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout };

    /// <summary>The status that says so: a person is needed, whatever else is decided meanwhile.</summary>
    /// <param name="status">What was decided.</param>
    /// <param name="rollout">The Rollout, with the status that was written last: as long as it says the same, nothing has to be written.</param>
    /// <param name="now">The moment.</param>
    public RolloutStatus Mark(RolloutStatus status, RolloutObject rollout, DateTimeOffset now)
    {
        var marked = status.Conditions.Select(condition => condition.Type switch
        {
            "Stalled" => Say(condition, "True"),
            "Reconciling" => Say(condition, "False"),
            _ => condition,
        }).ToList();
        if (marked.All(condition => condition.Type != "Stalled"))
            marked.Add(Say(new Condition { Type = "Stalled" }, "True"));
        return status with { Message = Message, Conditions = marked };

        Condition Say(Condition decided, string what) => decided with
        {
            Status = what,
            Reason = Reason,
            Message = Message,
            ObservedGeneration = rollout.Metadata.Generation,
            LastTransitionTime = rollout.Status.Conditions.FirstOrDefault(before => before.Type == decided.Type && before.Status == what)?.LastTransitionTime ?? MomentConverter.Cut(now),
        };
    }
}

/// <summary>The Rollouts that are in trouble. What fails in a pass is planned afresh by the next, so only this remembers it.</summary>
internal sealed class TroubleBook
{
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, Trouble Trouble)> _known = new();

    /// <summary>The trouble of a Rollout; null where it has none.</summary>
    public Trouble? Find(RolloutObject rollout) => _known.TryGetValue(rollout.Key, out var known) && known.Uid == rollout.Metadata.Uid ? known.Trouble : null;

    /// <summary>Writes trouble down.</summary>
    /// <returns>Whether it is of a kind that people have not been told of.</returns>
    public bool Note(RolloutObject rollout, Trouble trouble)
    {
        var before = Find(rollout);
        _known[rollout.Key] = (rollout.Metadata.Uid, trouble);
        return before?.Reason != trouble.Reason;
    }

    /// <summary>Forgets the trouble of a Rollout.</summary>
    /// <returns>Whether it had any.</returns>
    public bool Forget(ObjectKey key) => _known.TryRemove(key, out _);
}
