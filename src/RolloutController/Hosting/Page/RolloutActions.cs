using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// Operations on Rollouts, written as kubectl users write them: <c>spec.operation</c> and <c>spec.paused</c>. Who asked is noted beside it, because the
/// API server takes the controller for the one who writes.
/// </summary>
/// <param name="client">Writes them.</param>
/// <param name="clock">Tells one operation from the next.</param>
/// <param name="actions">What can be done beside them.</param>
public sealed class RolloutActions(Func<IKubernetesClient> client, TimeProvider clock, params IReadOnlyList<PageAction> actions) : IPageActions
{
    /// <summary>On a Rollout: what was asked for by the page last, by whom and when.</summary>
    public const string LastRequest = "rollouts.dev/last-request";

    private const int LongestUser = 256;

    /// <inheritdoc/>
    public IReadOnlyList<PageAction> Actions => actions;

    /// <inheritdoc/>
    public async Task<ActionOutcome> OperateAsync(ObjectKey rollout, RolloutOperation operation, CancellationToken cancellationToken)
    {
        if (NeedsRevision(operation.Verb) && operation.Revision.Length == 0)
            return new ActionOutcome(false, $"{operation.Verb} needs the revision that is meant, so that it hits no other: name it in \"revision\".");
        var spec = NeedsRevision(operation.Verb)
            ? new JsonObject { ["operation"] = Request(operation) }
            : new JsonObject { ["paused"] = operation.Verb == PageVerb.Pause };
        var patch = new JsonObject { ["spec"] = spec };
        if (operation.User.Length > 0)
            patch["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [LastRequest] = Note(operation) } };
        await client().PatchAsync(RolloutObject.Kind, rollout, Patch.Merge(patch), cancellationToken);
        return new ActionOutcome(true, operation.Verb switch
        {
            PageVerb.Pause => $"{rollout.Name} is paused: it goes no further, and still goes back when the new version fails.",
            PageVerb.Resume => $"{rollout.Name} goes on.",
            _ => $"{operation.Verb} of {operation.Revision} is asked for.",
        });
    }

    private static bool NeedsRevision(PageVerb verb) => verb is PageVerb.Promote or PageVerb.Abort or PageVerb.Retry;

    private string Note(RolloutOperation operation) => string.Create(
        CultureInfo.InvariantCulture,
        $"{operation.Verb}{(operation.Revision.Length > 0 ? $" of {operation.Revision}" : "")} by {StatusBounds.Cut(operation.User, LongestUser)} at {clock.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");

    // The moment as id: a click that arrives twice within it is one operation.
    private JsonObject Request(RolloutOperation operation) => new()
    {
        ["id"] = $"page-{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}",
        ["verb"] = operation.Verb.ToString(),
        ["revision"] = operation.Revision,
    };
}
