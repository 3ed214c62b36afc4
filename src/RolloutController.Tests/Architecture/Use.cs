namespace RolloutController.Tests.Architecture;

/// <summary>A type of an assembly uses something, by its dotted name: a type, a field, or a method with its parameters.</summary>
/// <param name="User">The full name of the type, the outermost one where types are nested.</param>
/// <param name="Used">
/// The full name of what it uses: <c>System.DateTime</c>, <c>System.String.Empty</c>, <c>System.Math.Max(System.Int64,System.Int64)</c>.
/// </param>
internal sealed record Use(string User, string Used)
{
    /// <summary>Whether what is used is this type or member, or lies in this namespace or type.</summary>
    public bool Of(string name) => IsIn(Used, name);

    /// <summary>Whether a dotted name is another one, or lies in it.</summary>
    public static bool IsIn(string name, string outer) =>
        name.StartsWith(outer, StringComparison.Ordinal) && (name.Length == outer.Length || name[outer.Length] is '.' or '(' or '`');

    /// <inheritdoc/>
    public override string ToString() => $"{User} uses {Used}";
}
