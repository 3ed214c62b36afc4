namespace RolloutController.Analysis;

/// <summary>What a check says about going on. There is no other case than the four nested here.</summary>
public abstract record Verdict
{
    private Verdict(string message) => Message = message;

    /// <summary>The verdict for a person.</summary>
    public string Message { get; }

    /// <summary>The version is bad: send the traffic back.</summary>
    /// <param name="Check">Which check failed, such as <c>errorRate</c>.</param>
    /// <param name="Reason">Why, as one CamelCase word for conditions and events.</param>
    /// <param name="Value">What was measured, such as <c>2.4 %</c>.</param>
    /// <param name="Threshold">What would have been fine, such as <c>0.5 %</c>.</param>
    /// <param name="Requests">How many requests were judged; null where the check counts none.</param>
    /// <param name="Errors">How many of them failed; null where the check counts none.</param>
    /// <param name="message">The verdict for a person.</param>
    public sealed record Fail(string Check, string Reason, string Value, string Threshold, long? Requests, long? Errors, string message) : Verdict(message);

    /// <summary>Nobody knows yet: keep the weight. Never leads to a promotion.</summary>
    /// <param name="Class">Why nobody knows.</param>
    /// <param name="message">The verdict for a person.</param>
    public sealed record Hold(VerdictClass Class, string message) : Verdict(message);

    /// <summary>The step's time is not over.</summary>
    /// <param name="message">The verdict for a person.</param>
    public sealed record Progressing(string message) : Verdict(message);

    /// <summary>The version passed this check at this step.</summary>
    /// <param name="message">The verdict for a person.</param>
    public sealed record Pass(string message) : Verdict(message);
}

/// <summary>Why a verdict is neither a pass nor a failure; each has a default and a patience of its own.</summary>
public enum VerdictClass
{
    /// <summary>No request was seen.</summary>
    NoData,

    /// <summary>The newest count is too old.</summary>
    Stale,

    /// <summary>The metrics provider does not answer, or not with counts.</summary>
    ProviderError,

    /// <summary>The metrics provider refuses the question; a person has to change something.</summary>
    ConfigError,

    /// <summary>Fewer requests than the step's floor.</summary>
    InsufficientData,

    /// <summary>The rate lies above the threshold, but chance alone may explain that.</summary>
    Inconclusive,

    /// <summary>A check is at its warning level, or critical and not yet for long enough.</summary>
    Warning,
}
