using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>What became of a revision.</summary>
public sealed record RevisionRecord
{
    /// <summary>The revision, by its pod-template-hash.</summary>
    public string Revision { get; init => field = value ?? ""; } = "";

    /// <summary>The images of its containers, 8 at the most.</summary>
    public IReadOnlyList<string> Images { get; init => field = value ?? []; } = [];

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What became of it.</summary>
    public RevisionOutcome Outcome { get; init; }

    /// <summary>Why, for people; at most 1,024 characters.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <inheritdoc/>
    public bool Equals(RevisionRecord? other) =>
        other is not null
        && (Revision, Time, Outcome, Message) == (other.Revision, other.Time, other.Outcome, other.Message)
        && Images.SequenceEqual(other.Images);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Revision, Time, Outcome);
}

/// <summary>What can become of a revision.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RevisionOutcome>))]
public enum RevisionOutcome
{
    /// <summary>It got all the traffic without steps.</summary>
    Deployed,

    /// <summary>It passed every step and got all the traffic.</summary>
    Promoted,

    /// <summary>A check failed.</summary>
    RolledBack,

    /// <summary>A person took it back.</summary>
    Aborted,

    /// <summary>A person asked for another revision instead.</summary>
    Undone,

    /// <summary>A newer template took its place midway.</summary>
    Superseded,

    /// <summary>The template became the earlier one again.</summary>
    Reverted,

    /// <summary>The Rollout was scaled to zero midway.</summary>
    ScaledToZero,
}

/// <summary>A person undid a revision: as long as the template asks for it, another one is carried out in its place.</summary>
/// <param name="From">The revision that the template asks for.</param>
/// <param name="To">The revision that is carried out.</param>
public sealed record UndoneTemplate(string From, string To);
