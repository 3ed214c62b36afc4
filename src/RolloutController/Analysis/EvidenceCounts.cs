namespace RolloutController.Analysis;

/// <summary>What each of the further checks that count requests has counted, by their names. Equal where all of it is.</summary>
/// <param name="All">The evidence of each, in the order of their names.</param>
public sealed record EvidenceCounts(IReadOnlyList<NamedEvidence> All)
{
    /// <summary>Nothing yet.</summary>
    public static EvidenceCounts None { get; } = new([]);

    /// <summary>What a check has counted; null before its first look.</summary>
    public Evidence? Find(string name) => All.FirstOrDefault(one => one.Name == name)?.Evidence;

    /// <summary>These, with other evidence of one check.</summary>
    public EvidenceCounts With(string name, Evidence evidence) =>
        new([.. All.Where(other => other.Name != name).Append(new NamedEvidence(name, evidence)).OrderBy(one => one.Name, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public bool Equals(EvidenceCounts? other) => other is not null && All.SequenceEqual(other.All);

    /// <inheritdoc/>
    public override int GetHashCode() => All.Count;
}

/// <summary>What one check has counted.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Evidence">What it has counted.</param>
public sealed record NamedEvidence(string Name, Evidence Evidence);
