namespace RolloutController.Rehearsal.Linting;

/// <summary>Something about a Rollout as it is written.</summary>
/// <param name="Where">The file, and the document in it where there are several.</param>
/// <param name="Message">The field, what is wrong with it, and what to write.</param>
/// <param name="IsWarning">Whether it can be carried out all the same.</param>
public sealed record Finding(string Where, string Message, bool IsWarning = false)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Where}: {(IsWarning ? "warning: " : "")}{Message}";
}
