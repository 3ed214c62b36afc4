using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Control.Intents;
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
    public async Task<ActionOutcome> OperateAsync(ObjectKey rollout, Intent intent, string user, CancellationToken cancellationToken)
    {
        if (Intent.IsOperation(intent.Verb) && intent.Revision.Length == 0)
            return new ActionOutcome(false, $"{intent.Verb} needs the revision that is meant, so that it hits no other: name it in \"revision\".");
        var patch = new JsonObject { ["spec"] = intent.Spec(Intent.Id("page", clock.GetUtcNow()), user) };
        if (user.Length > 0)
            patch["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [LastRequest] = Note(intent, user) } };
        await client().PatchAsync(RolloutObject.Kind, rollout, Patch.Merge(patch), cancellationToken);
        return new ActionOutcome(true, intent.Verb switch
        {
            IntentVerb.Pause => $"{rollout.Name} is paused: it goes no further, and still goes back when the new version fails.",
            IntentVerb.Resume => $"{rollout.Name} goes on.",
            _ => $"{intent.Verb} of {intent.Revision} is asked for.",
        });
    }

    private string Note(Intent intent, string user) => string.Create(
        CultureInfo.InvariantCulture,
        $"{intent.Verb}{(intent.Revision.Length > 0 ? $" of {intent.Revision}" : "")} by {StatusBounds.Cut(user, LongestUser)} at {clock.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
}
