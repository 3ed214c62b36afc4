using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>What one look at one state comes to: the state to be in, what to do there and what to say about it.</summary>
internal sealed record Decision(RolloutState State)
{
    /// <summary>What to do, in order.</summary>
    public IReadOnlyList<Effect> Effects { get; init; } = [];

    /// <summary>The word for people.</summary>
    public Phase Phase { get; init; } = Phase.Progressing;

    /// <summary>The word for programs.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The sentence for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Whether it cannot go on without a person.</summary>
    public bool Stalled { get; init; }

    /// <summary>When to look again; null when only a change matters.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>The evidence to go on counting with.</summary>
    public Evidence? Evidence { get; init; }

    /// <summary>What to tell people.</summary>
    public IReadOnlyList<Notice> Notices { get; init; } = [];

    /// <summary>A rollback that this decision begins; null where it begins none.</summary>
    public Rollback? Rollback { get; init; }

    /// <summary>A revision that is not to be tried again by itself; null leaves the memory as it is.</summary>
    public string? FailedRevision { get; init; }

    /// <summary>The earlier of two moments, null meaning never.</summary>
    public static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one < other ? one : other;
}
