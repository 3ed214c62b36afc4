namespace RolloutController.Analysis.Checks;

/// <summary>Looks at one thing of a version, time after time. One call at a time.</summary>
public interface ICheck
{
    /// <summary>Takes a look. What goes wrong is in what it brought; nothing is thrown but cancellation.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    Task<CheckLook> LookAsync(CancellationToken cancellationToken);
}

/// <summary>A check cannot be carried out; the message tells a person why, and what to change.</summary>
/// <param name="class">Whether only a person can help, or trying again may.</param>
/// <param name="message">What is wrong, and what to do.</param>
public sealed class CheckException(DataClass @class, string message) : Exception(message)
{
    /// <summary>Whether only a person can help, or trying again may.</summary>
    public DataClass Class { get; } = @class;
}
