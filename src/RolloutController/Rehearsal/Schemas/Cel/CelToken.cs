namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>What a token is.</summary>
internal enum CelTokenKind
{
    /// <summary>Nothing is left.</summary>
    End,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a point or an exponent.</summary>
    Double,

    /// <summary>A string, with its escapes resolved.</summary>
    Text,

    /// <summary>An operator or a bracket.</summary>
    Symbol,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, or the value of a string.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position)
{
    /// <summary>Whether it is this operator or bracket.</summary>
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;

    /// <summary>Whether it is this keyword.</summary>
    public bool IsName(string name) => Kind == CelTokenKind.Name && Text == name;

    /// <summary>How a message names it.</summary>
    public override string ToString() => Kind == CelTokenKind.End ? "the end" : $"'{Text}'";
}
