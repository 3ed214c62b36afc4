namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>The variables that an expression sees, the innermost first.</summary>
/// <param name="Name">The name of the innermost.</param>
/// <param name="Value">Its value.</param>
/// <param name="Outer">The others.</param>
internal sealed record CelScope(string Name, CelValue Value, CelScope? Outer = null)
{
    /// <summary>The value of a variable.</summary>
    public CelValue Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
                return scope.Value;
        }

        return new CelError($"no such attribute: {name}");
    }
}
