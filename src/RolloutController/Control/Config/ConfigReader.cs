using System.Collections.Immutable;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control.Config;

/// <summary>What is known of the ConfigMaps and Secrets that a template names.</summary>
/// <param name="State">Their content; null where the Rollout does not ask for it, or it is not known.</param>
/// <param name="Problem">Why it is not known; null where it is.</param>
/// <param name="LookAgainAt">When to look again, though nothing tells of a change; null where something does.</param>
internal sealed record ConfigView(ConfigState? State, Problem? Problem = null, DateTimeOffset? LookAgainAt = null)
{
    /// <summary>The Rollout does not ask for it.</summary>
    public static ConfigView NotAsked { get; } = new((ConfigState?)null);
}

/// <summary>Finds the content of the ConfigMaps and Secrets that a template names, for Rollouts that ask for it; of others it reads none.</summary>
internal sealed class ConfigReader(ConfigWatches watches, ConfigRights rights, TimeProvider clock)
{
    private readonly ConfigBursts _bursts = new(clock);

    private const string TokenType = "kubernetes.io/service-account-token";

    /// <summary>Nothing tells when a role comes to allow more, or that a watch is well again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);

    /// <summary>Finds it.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="asked">The template that it asks for; null where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ConfigView> ReadAsync(RolloutObject rollout, AskedTemplate? asked, CancellationToken cancellationToken)
    {
        if (asked is null || !rollout.Spec.RolloutOn.Contains(VersionSource.Config) || rollout.Metadata.DeletionTimestamp is not null)
        {
            Forget(rollout.Key);
            return ConfigView.NotAsked;
        }

        var references = TemplateConfig.Find(asked.Template);
        var followed = watches.Follow(rollout.Key, references.Select(reference => reference.Key));
        // A rollout that is under way, and may have to go back, waits for nothing and asks for nothing.
        var underWay = rollout.Status.State is InFlight;
        if (!underWay)
            await Task.WhenAll(followed.Values.Select(watch => watch.Answered)).WaitAsync(cancellationToken);
        if (Unreadable(rollout, followed) is { } unreadable)
            return new ConfigView(null, unreadable, clock.GetUtcNow() + Retry);
        if (Missing(rollout, asked, references, followed) is { } missing)
            return new ConfigView(null, missing);

        var present = followed.Where(pair => pair.Value.Object is { } found && found.Type != TokenType).ToList();
        if (!underWay && await rights.CopyingAsync(rollout.Metadata.Namespace, present.Select(pair => pair.Key.Kind), cancellationToken) is { } refused)
            return new ConfigView(null, refused, clock.GetUtcNow() + Retry);
        var found = new ConfigState(
            present.ToImmutableSortedDictionary(pair => pair.Key.ToString(), pair => pair.Value.Object!.Keyed(pair.Key.Kind), StringComparer.Ordinal));
        var (state, lookAgainAt) = _bursts.Settle(rollout, asked.Digest, found);
        return new ConfigView(state, LookAgainAt: lookAgainAt);
    }

    /// <summary>Forgets a Rollout.</summary>
    public void Forget(ObjectKey rollout)
    {
        watches.Follow(rollout, []);
        _bursts.Forget(rollout);
    }

    private static Problem? Unreadable(RolloutObject rollout, IReadOnlyDictionary<ConfigKey, ConfigWatch> followed)
    {
        var forbidden = followed.Where(pair => pair.Value.Failure is KubernetesApiException { IsForbidden: true }).ToList();
        if (forbidden.Count > 0)
            return ConfigRights.Reading(rollout.Key, forbidden.Select(pair => pair.Key), followed.Keys, (KubernetesApiException)forbidden[0].Value.Failure!);
        return followed.FirstOrDefault(pair => !pair.Value.IsKnown) is { Value: { } unknown, Key: var key }
            ? new Problem(EventReason.ConfigNotRead, "spec.rolloutOn", $"{key} cannot be read just now{(unknown.Failure is { } failure ? $": {failure.Message}" : "")}; it is tried again")
            : null;
    }

    private static Problem? Missing(RolloutObject rollout, AskedTemplate asked, IReadOnlyList<ConfigReference> references, IReadOnlyDictionary<ConfigKey, ConfigWatch> followed)
    {
        if (references.FirstOrDefault(reference => reference.Key.Name.Length > TemplateConfig.MaxNameLength) is { } tooLong)
        {
            return new Problem(
                EventReason.ConfigNameTooLong, $"{asked.Field}.{tooLong.Field}",
                $"the name of {tooLong.Key} leaves no room for the names of copies; choose one of at most {TemplateConfig.MaxNameLength} characters");
        }

        return references.FirstOrDefault(reference => !reference.Optional && followed[reference.Key].Object is null) is { } missing
            ? new Problem(
                EventReason.ConfigNotFound, $"{asked.Field}.{missing.Field}",
                $"there is no {missing.Key} in namespace {rollout.Metadata.Namespace}; create it, or write optional: true where pods can do without")
            : null;
    }
}
