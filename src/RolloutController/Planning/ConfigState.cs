using System.Collections.Immutable;

namespace RolloutController.Planning;

/// <summary>The content of the ConfigMaps and Secrets that a template names, by digests.</summary>
/// <param name="Digests">The digests by kind and name, such as <c>ConfigMap shop</c>. What may be missing and is, is not among them.</param>
public sealed record ConfigState(ImmutableSortedDictionary<string, string> Digests)
{
    /// <summary>A template that names none.</summary>
    public static ConfigState Empty { get; } = new(ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>The same in one line, for a hash.</summary>
    public string Text => string.Join('\n', Digests.Select(entry => $"{entry.Key}={entry.Value}"));

    /// <summary>What a revision has that another had not, as the end of a sentence; empty where they have the same, or one is not known.</summary>
    /// <param name="seen">What is there.</param>
    /// <param name="before">The revision before.</param>
    /// <param name="after">The revision after it.</param>
    public static string Change(Observation seen, string before, string after)
    {
        if (Of(seen, before) is not { } had || Of(seen, after) is not { } has)
            return "";
        var changes = had.Digests.Keys.Union(has.Digests.Keys).Order(StringComparer.Ordinal)
            .Where(name => had.Digests.GetValueOrDefault(name) != has.Digests.GetValueOrDefault(name))
            .Select(name => !had.Digests.ContainsKey(name) ? $"{name} came" : !has.Digests.ContainsKey(name) ? $"{name} went" : $"{name} changed")
            .ToList();
        return changes.Count == 0 ? "" : $"; {string.Join(", ", changes)}";
    }

    /// <inheritdoc/>
    public bool Equals(ConfigState? other) => other is not null && Digests.SequenceEqual(other.Digests);

    /// <inheritdoc/>
    public override int GetHashCode() => Digests.Count;

    private static ConfigState? Of(Observation seen, string revision) => seen.Find(revision)?.Config
        ?? (seen.Template is TemplateView.Accepted asked && asked.Revision == revision ? seen.Config : null);
}

/// <summary>
/// A revision that ran before its Rollout asked for <c>config</c>: nobody knows what its pods have read, so what is there at first sight counts
/// as that. It is written down, because a process that starts later must not take something newer for it.
/// </summary>
internal static class FirstSight
{
    /// <summary>Adds to a decision that the content is to be written down.</summary>
    public static Decision Note(Observation seen, Decision decision) =>
        seen is { Config: not null, Rollout.DeletedAt: null, Template: TemplateView.Accepted asked } && seen.Find(asked.Revision) is { Config: null } set
            ? decision with { Effects = [.. decision.Effects, new Effect.RecordConfig(set.Name)] }
            : decision;
}
