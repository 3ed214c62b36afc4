using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>
/// Writes status: what was decided at once, what only informs (messages, counts and weights on the way) at most every few seconds, so
/// that a rollout costs the API few writes.
/// </summary>
/// <param name="client">The API.</param>
/// <param name="caches">What is told of each write.</param>
/// <param name="tenure">In whose name each write is made.</param>
/// <param name="interval">How often at most what only informs is written.</param>
/// <param name="clock">The clock.</param>
internal sealed class StatusWriter(IKubernetesClient client, Caches caches, Tenure tenure, TimeSpan interval, TimeProvider clock)
{
    /// <summary>How much longer to wait for a look that is coming anyway: what it decides is written then, with the same news in it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly FrozenSet<string> Informing =
        FrozenSet.Create("message", "weight", "evidence", "replicas", "readyReplicas", "availableReplicas", "canaryReplicas");

    private readonly ConcurrentDictionary<ObjectKey, DateTimeOffset> _written = new();

    // A status that was read stays the same object until it is written, and is compared with at every look.
    private readonly ConditionalWeakTable<RolloutStatus, JsonObject> _read = [];

    /// <summary>Writes what changed.</summary>
    /// <param name="rollout">The Rollout as it was observed.</param>
    /// <param name="status">What to report.</param>
    /// <param name="nextLook">When the plan looks again; null when only a change matters.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When to look again to write what was put off; null when nothing was.</returns>
    /// <exception cref="KubernetesApiException">The write was refused; nothing may rest on the decision.</exception>
    public async Task<DateTimeOffset?> WriteAsync(RolloutObject rollout, RolloutStatus status, DateTimeOffset? nextLook, CancellationToken cancellationToken)
    {
        var patch = StatusPatch.Between(_read.GetValue(rollout.Status, Read), StatusBounds.Cut(ApiJson.Write(status)));
        if (patch is null)
            return null;
        var due = _written.GetValueOrDefault(rollout.Key, DateTimeOffset.MinValue) + interval;
        if (nextLook > due && nextLook <= due + Patience)
            due = nextLook.Value;
        if (clock.GetUtcNow() < due && OnlyInforms(patch, rollout.Status, status))
            return due;

        var term = tenure.Next(rollout.Status.Term);
        await SendAsync(rollout, status with { Term = term }, patch, cancellationToken);
        return null;
    }

    /// <summary>Writes nothing but in whose name the next decisions are made.</summary>
    /// <returns>The Rollout as it is then.</returns>
    /// <exception cref="KubernetesApiException">The write was refused; nothing may be decided.</exception>
    public Task<RolloutObject> WriteTermAsync(RolloutObject rollout, Term term, CancellationToken cancellationToken) =>
        SendAsync(rollout, rollout.Status with { Term = term }, [], cancellationToken);

    /// <summary>Forgets a Rollout.</summary>
    public void Forget(ObjectKey key) => _written.TryRemove(key, out _);

    private async Task<RolloutObject> SendAsync(RolloutObject rollout, RolloutStatus status, JsonObject patch, CancellationToken cancellationToken)
    {
        // Whole each time, so that the API can refuse an earlier term even where nothing else differs.
        patch["term"] = new JsonObject { ["holder"] = status.Term!.Holder, ["transitions"] = status.Term.Transitions };
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = rollout.Metadata.Uid, ["resourceVersion"] = rollout.Metadata.ResourceVersion },
            ["status"] = patch,
        };
        RolloutObject written;
        try
        {
            written = await client.PatchAsync(RolloutObject.Kind, rollout.Key, Patch.Merge(body), cancellationToken, "status");
        }
        catch (Exception unclear) when (IsUnclear(unclear, rollout.Key) && !cancellationToken.IsCancellationRequested)
        {
            if (await client.GetAsync(RolloutObject.Kind, rollout.Key, cancellationToken) is not { } live)
            {
                // Its watch stands still: nothing else would tell.
                caches.Rollouts.RememberGone(rollout);
                throw;
            }

            caches.Rollouts.Remember(live);
            if (!IsDone(live, rollout, status))
                throw;
            written = live;
        }

        caches.Rollouts.Remember(written);
        _written[rollout.Key] = clock.GetUtcNow();
        return written;
    }

    /// <summary>The first status is written whole: a column of kubectl is empty where what is meant by nothing stands nowhere.</summary>
    private static JsonObject Read(RolloutStatus status) => status.ObservedGeneration == 0 ? [] : ApiJson.Write(status);

    /// <summary>No answer came, a repeated request met what the first one had done, or the Rollout that the caches show is gone.</summary>
    private static bool IsUnclear(Exception failed, ObjectKey key) => failed is HttpRequestException or IOException or TimeoutException
        or KubernetesApiException { IsConflict: true } or KubernetesApiException { StatusCode: HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout }
        || (failed is KubernetesApiException refused && refused.IsAbsenceOf(key));

    /// <summary>Whether this very status stands there, in our name: what people are told of a decision is told once, so it must not be lost.</summary>
    private static bool IsDone(RolloutObject live, RolloutObject before, RolloutStatus status) =>
        live.Metadata.Uid == before.Metadata.Uid && live.Metadata.ResourceVersion != before.Metadata.ResourceVersion
        && StatusPatch.Between(ApiJson.Write(live.Status), ApiJson.Write(status)) is null;

    private static bool OnlyInforms(JsonObject patch, RolloutStatus before, RolloutStatus after) => patch.All(member =>
        Informing.Contains(member.Key) || (member.Key == "conditions" && before.Conditions.Select(State).SequenceEqual(after.Conditions.Select(State))));

    // What people are told when it begins has to be written at once: from there the next pass knows that it was told.
    private static Condition State(Condition condition) =>
        condition with { Message = "", Reason = Attention.IsToldOnce(condition.Reason) ? condition.Reason : "" };
}
