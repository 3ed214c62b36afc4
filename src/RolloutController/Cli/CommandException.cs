namespace RolloutController.Cli;

/// <summary>A command cannot do what was asked; the message says why and what to do.</summary>
/// <param name="message">The message.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>What the process ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
