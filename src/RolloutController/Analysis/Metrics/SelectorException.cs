namespace RolloutController.Analysis.Metrics;

/// <summary>A selector cannot be used; the message says what is wrong, where, and what to write instead.</summary>
/// <param name="message">What is wrong.</param>
public sealed class SelectorException(string message) : FormatException(message);
