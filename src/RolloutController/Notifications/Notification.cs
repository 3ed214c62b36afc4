using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Notifications;

/// <summary>Something that people are told of a Rollout, wherever they are.</summary>
/// <param name="Namespace">The Rollout's namespace.</param>
/// <param name="Name">The Rollout's name.</param>
/// <param name="Uid">The Rollout's uid.</param>
/// <param name="Status">Its status as it was decided.</param>
/// <param name="Notice">What to tell.</param>
/// <param name="Time">When it happened.</param>
public sealed record Notification(string Namespace, string Name, string Uid, RolloutStatus Status, Notice Notice, DateTimeOffset Time)
{
    /// <summary>The images of the revision that it is about.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The revision that it is about: the one that was taken back, else the one that is tried, else the one that has the traffic.</summary>
    public string Revision => Notice.Rollback?.Revision ?? (Status.CanaryRevision.Length > 0 ? Status.CanaryRevision : Status.StableRevision);

    /// <summary>Namespace and name.</summary>
    public string Rollout => $"{Namespace}/{Name}";

    /// <summary>
    /// Its identity: what needs a person and is told again, by a pass that repeats another or by the next process, has the same one, though the
    /// numbers in its message may have moved. It is another one at another step, after another try, for another spec, and where it turned worse.
    /// </summary>
    public string Id => Hash(
        Uid,
        Notice.Severity.ToString(),
        Notice.Reason,
        Notice.Rollback?.Revision ?? Status.CanaryRevision,
        Status.ObservedGeneration.ToString(CultureInfo.InvariantCulture),
        Since(Status).UtcDateTime.ToString("O"),
        Notice.IsWarning ? "" : Notice.Message);

    /// <summary>Since when it is as it is: the stage of a rollout, or at rest the last change of a condition.</summary>
    private static DateTimeOffset Since(RolloutStatus status) => status.State switch
    {
        Deploying deploying => deploying.Since,
        Progressing step => step.Since,
        Concluding concluding => concluding.Since,
        _ => status.Conditions.Select(condition => condition.LastTransitionTime).DefaultIfEmpty().Max(),
    };

    private static string Hash(params string[] parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 16));
}
