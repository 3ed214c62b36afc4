using RolloutController.Api;

namespace RolloutController.Analysis;

/// <summary>What the further checks of a rollout found, by their names. Equal where all findings are.</summary>
/// <param name="All">The findings, in the order of their names.</param>
public sealed record CheckFindings(IReadOnlyList<CheckFinding> All)
{
    /// <summary>Nothing yet.</summary>
    public static CheckFindings None { get; } = new([]);

    /// <summary>What a check found; null before its first look.</summary>
    public CheckFinding? Find(string name) => All.FirstOrDefault(finding => finding.Name == name);

    /// <summary>These, with another finding of one check.</summary>
    public CheckFindings With(CheckFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return new([.. All.Where(other => other.Name != finding.Name).Append(finding).OrderBy(one => one.Name, StringComparer.Ordinal)]);
    }

    /// <inheritdoc/>
    public bool Equals(CheckFindings? other) => other is not null && All.SequenceEqual(other.All);

    /// <inheritdoc/>
    public override int GetHashCode() => All.Count;
}
