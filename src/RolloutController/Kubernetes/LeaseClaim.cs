using System.Globalization;
using System.Text.Json.Nodes;

namespace RolloutController.Kubernetes;

/// <summary>
/// One candidate's dealings with a lease, after client-go's tryAcquireOrRenew. Whether a lease has run out is told by how long this
/// process has seen no change of it, never by the times in it: those are another machine's.
/// </summary>
internal sealed class LeaseClaim(
    IKubernetesClient client,
    ResourceKind<Lease> kind,
    LeaderElectionOptions options,
    TimeProvider timeProvider,
    ILogger logger)
{
    // So short that a successor need not wait, and not 0, which the API refuses.
    private const int ReleasedDurationSeconds = 1;

    // Half the time that there is, so that a request that hangs leaves time for another; client-go gives its elector's client the same.
    private readonly TimeSpan _attemptTimeout = TimeSpan.FromTicks(Math.Max(options.RenewDeadline.Ticks / 2, TimeSpan.TicksPerSecond));
    private readonly ObjectKey _key = new(options.Namespace, options.Name);
    private Lease? _observed;
    private long _observedAt;
    private bool _unanswered;

    /// <summary>Who holds the lease as far as was seen; null when nobody does.</summary>
    public string? Holder => string.IsNullOrEmpty(_observed?.Spec.HolderIdentity) ? null : _observed.Spec.HolderIdentity;

    /// <summary>Whether the lease was seen to be ours.</summary>
    public bool IsOurs => Holder == options.Identity;

    /// <summary>Whether the lease is ours or may be, as a write of ours was never answered.</summary>
    public bool MayBeOurs => IsOurs || _unanswered;

    /// <summary>The term that the lease was last seen in.</summary>
    public LeadershipTerm Term =>
        new(options.Identity, _observed?.Spec.LeaseTransitions ?? 0, _observed?.Spec.AcquireTime ?? timeProvider.GetUtcNow());

    /// <summary>Takes or renews the lease if it may; false when it may not or the API failed, which is logged.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        using var attempt = new Deadline(_attemptTimeout, timeProvider, cancellationToken);

        // Once it is known, the lease need not be read before it is renewed; if someone changed it, the API says so.
        if (IsOurs && !HasRunOut(_observed!) && await TryAsync("renew", () => WriteAsync(_observed!, attempt.Token), cancellationToken))
            return true;

        Lease? current = null;
        if (!await TryAsync("get", async () => current = await client.GetAsync(kind, _key, attempt.Token), cancellationToken))
            return false;
        if (current is null)
            return await TryAsync("create", () => CreateAsync(attempt.Token), cancellationToken);

        Observe(current);
        var isAnothers = Holder is not null && !IsOurs && !HasRunOut(current);
        return !isAnothers && await TryAsync(IsOurs ? "renew" : "acquire", () => WriteAsync(current, attempt.Token), cancellationToken);
    }

    /// <summary>Gives the lease up if it is ours, so that a successor need not wait for it to run out.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<bool> TryReleaseAsync(CancellationToken cancellationToken)
    {
        using var attempt = new Deadline(_attemptTimeout, timeProvider, cancellationToken);
        return await TryAsync("release", () => ReleaseAsync(attempt.Token), cancellationToken);
    }

    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        var current = await client.GetAsync(kind, _key, cancellationToken);
        if (current?.Spec.HolderIdentity != options.Identity)
            return;
        var now = timeProvider.GetUtcNow();
        var released = current.Spec with { HolderIdentity = "", LeaseDurationSeconds = ReleasedDurationSeconds, AcquireTime = now, RenewTime = now };
        await ReplaceAsync(released, current, cancellationToken);
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        _unanswered = true;
        Observe(await client.CreateAsync(kind, options.Namespace, Body(Claim(null), null), cancellationToken));
    }

    private Task WriteAsync(Lease current, CancellationToken cancellationToken) => ReplaceAsync(Claim(current), current, cancellationToken);

    private async Task ReplaceAsync(LeaseSpec spec, Lease basedOn, CancellationToken cancellationToken)
    {
        _unanswered = true;
        Observe(await client.ReplaceAsync(kind, _key, Body(spec, basedOn.Metadata), cancellationToken));
    }

    private async Task<bool> TryAsync(string verb, Func<Task> request, CancellationToken cancellationToken)
    {
        try
        {
            await request();
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = exception is KubernetesApiException api
                ? string.Create(CultureInfo.InvariantCulture, $"{(int)api.StatusCode} {api.Reason}: {api.Message}")
                : $"{exception.GetType().Name}: {exception.Message}";
            logger.LogWarning("Leader election could not {Verb} the lease {Lease}: {Reason}", verb, _key, reason);
            return false;
        }
    }

    private void Observe(Lease lease)
    {
        if (lease.Spec.HolderIdentity != _observed?.Spec.HolderIdentity)
            logger.LogInformation("The lease {Lease} is held by {Holder}", _key, string.IsNullOrEmpty(lease.Spec.HolderIdentity) ? "nobody" : lease.Spec.HolderIdentity);
        if (lease.Spec != _observed?.Spec)
            _observedAt = timeProvider.GetTimestamp();
        _observed = lease;
        _unanswered = false;
    }

    // The duration of the record, not our own: the holder may have been started with another.
    private bool HasRunOut(Lease lease) =>
        timeProvider.GetElapsedTime(_observedAt) >= TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0);

    private LeaseSpec Claim(Lease? current)
    {
        var now = timeProvider.GetUtcNow();
        var ours = current?.Spec.HolderIdentity == options.Identity;
        var transitions = current?.Spec.LeaseTransitions ?? 0;
        return new LeaseSpec
        {
            HolderIdentity = options.Identity,
            LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
            AcquireTime = ours ? current?.Spec.AcquireTime ?? now : now,
            RenewTime = now,
            LeaseTransitions = ours || current is null ? transitions : transitions + 1,
        };
    }

    private JsonObject Body(LeaseSpec spec, ObjectMeta? basedOn)
    {
        var metadata = new JsonObject { ["name"] = options.Name, ["namespace"] = options.Namespace };
        if (basedOn is not null)
        {
            // A replacement takes away what it leaves out; a chart may have put these on the lease.
            metadata["resourceVersion"] = basedOn.ResourceVersion;
            metadata["labels"] = ToJson(basedOn.Labels);
            metadata["annotations"] = ToJson(basedOn.Annotations);
        }

        return new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = spec.HolderIdentity,
                ["leaseDurationSeconds"] = spec.LeaseDurationSeconds,
                ["acquireTime"] = spec.AcquireTime is { } acquired ? KubernetesTime.FormatMicro(acquired) : null,
                ["renewTime"] = spec.RenewTime is { } renewed ? KubernetesTime.FormatMicro(renewed) : null,
                ["leaseTransitions"] = spec.LeaseTransitions,
            },
        };
    }

    private static JsonObject ToJson(IReadOnlyDictionary<string, string> texts) =>
        new(texts.Select(text => KeyValuePair.Create(text.Key, (JsonNode?)text.Value)));
}
