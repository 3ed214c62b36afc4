namespace RolloutController.Analysis.Checks;

/// <summary>Asks an endpoint about a version, time after time.</summary>
/// <param name="hook">The endpoint.</param>
/// <param name="question">What is asked now.</param>
internal sealed class HookCheck(Hook hook, Func<HookQuestion> question) : ICheck
{
    /// <inheritdoc/>
    public Task<CheckLook> LookAsync(CancellationToken cancellationToken) => hook.AskAsync(question(), cancellationToken);
}
