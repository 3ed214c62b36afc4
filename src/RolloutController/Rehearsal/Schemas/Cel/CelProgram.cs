namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>An expression that was read and can be evaluated, by any number of threads.</summary>
internal sealed class CelProgram
{
    private readonly CelExpression _expression;

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="variables">The variables that it may use.</param>
    /// <exception cref="CelSyntaxException">It cannot be read, or uses what this evaluator does not have.</exception>
    public CelProgram(string text, IReadOnlyCollection<string> variables)
    {
        _expression = CelParser.Read(text, variables, out var used);
        Uses = used;
    }

    /// <summary>The variables that it uses.</summary>
    public IReadOnlySet<string> Uses { get; }

    /// <summary>Its value, or a <see cref="CelError"/>.</summary>
    public CelValue Evaluate(CelScope scope) => _expression.Evaluate(scope);
}
