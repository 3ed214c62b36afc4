namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>An expression cannot be read, or uses what this evaluator does not have.</summary>
/// <param name="expression">The expression.</param>
/// <param name="position">Where in it, counted from 0.</param>
/// <param name="problem">What is wrong there.</param>
internal sealed class CelSyntaxException(string expression, int position, string problem)
    : Exception($"column {position + 1} of the CEL expression {expression}: {problem}")
{
    /// <summary>Where in the expression, counted from 0.</summary>
    public int Position { get; } = position;
}
