using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Api;

namespace RolloutController.Control.Intents;

/// <summary>What a person wants of a Rollout: fields of its spec, whoever writes them, the page, the command line, kubectl or GitOps.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Revision">The revision that is meant; empty for what holds for any.</param>
public sealed record Intent(IntentVerb Verb, string Revision = "")
{
    /// <summary>Whether it is an operation, carried out once and only for its revision; the others are a switch.</summary>
    public static bool IsOperation(IntentVerb verb) => verb is not (IntentVerb.Pause or IntentVerb.Resume);

    /// <summary>What can be done with a Rollout as it is, in the order in which it is offered; undoing has a choice of its own.</summary>
    public static IEnumerable<Intent> Possible(RolloutSpec spec, RolloutStatus status)
    {
        if (status.State is Progressing { Stage: StepStage.Judging, Approved: false, Skip: null } waiting && spec.StepAt(waiting.Weight).Pause)
            yield return new Intent(IntentVerb.Promote, waiting.Canary);
        if (status is { State: AtRest or RollingBack, FailedRevision.Length: > 0 })
            yield return new Intent(IntentVerb.Retry, status.FailedRevision);
        yield return new Intent(spec.Paused ? IntentVerb.Resume : IntentVerb.Pause);
        if (status.State is not Progressing step)
            yield break;
        if (step.Skip is null)
            yield return new Intent(IntentVerb.Skip, step.Canary);
        if (step.Skip is not SkipScope.Rest)
            yield return new Intent(IntentVerb.PromoteFull, step.Canary);
        yield return new Intent(IntentVerb.Abort, step.Canary);
    }

    /// <summary>An id for an operation: the same within a millisecond, so that a click that arrives twice is one operation.</summary>
    /// <param name="source">Where it is asked for, such as <c>page</c>.</param>
    /// <param name="now">The moment.</param>
    public static string Id(string source, DateTimeOffset now) =>
        $"{source}-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}";

    /// <summary>The fields of the spec that say so.</summary>
    /// <param name="id">Tells one operation from the next.</param>
    /// <param name="by">Who asks, as events and history are to name them; empty for nobody.</param>
    public JsonObject Spec(string id, string by = "")
    {
        if (!IsOperation(Verb))
            return new JsonObject { ["paused"] = Verb == IntentVerb.Pause };
        var operation = new JsonObject { ["id"] = id, ["verb"] = Verb.ToString(), ["revision"] = Revision };
        // In a merge patch null takes away what the operation before it said.
        operation["by"] = by.Length == 0 ? null : StatusBounds.Cut(by, OperationRequest.LongestBy);
        return new JsonObject { ["operation"] = operation };
    }
}

/// <summary>What people can want of a Rollout; the operations have the names of <see cref="OperationVerb"/>.</summary>
public enum IntentVerb
{
    /// <summary>Freeze progress.</summary>
    Pause,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>Let a step that pauses go on.</summary>
    Promote,

    /// <summary>Give the version all the traffic without further steps and analysis.</summary>
    PromoteFull,

    /// <summary>Go on from the step that runs without its pass.</summary>
    Skip,

    /// <summary>Roll back.</summary>
    Abort,

    /// <summary>Try a revision that failed or was undone again.</summary>
    Retry,

    /// <summary>Go to a revision that is still kept.</summary>
    Undo,
}
