namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>A value of CEL, or the error that came instead of one.</summary>
internal abstract record CelValue
{
    /// <summary>The name of its type, as <c>type()</c> gives it and conversion errors print it.</summary>
    public abstract string TypeName { get; }
}

/// <summary>What came instead of a value. Operators pass it on; <c>&amp;&amp;</c> and <c>||</c> forget it where the other side decides.</summary>
internal sealed record CelError(string Message) : CelValue
{
    public override string TypeName => "error";

    /// <summary>No operator or function takes values of these types.</summary>
    public static CelError NoSuchOverload { get; } = new("no such overload");

    /// <summary>A whole number beyond 64 bits.</summary>
    public static CelError IntegerOverflow { get; } = new("integer overflow");

    /// <summary>A value that has no equal in another type.</summary>
    public static CelError Conversion(CelValue from, string to) => new($"type conversion error from '{from.TypeName}' to '{to}'");

    /// <summary>A key or field that is not there.</summary>
    public static CelError NoSuchKey(string key) => new($"no such key: {key}");
}

/// <summary>null.</summary>
internal sealed record CelNull : CelValue
{
    public override string TypeName => "null_type";

    public static CelNull Instance { get; } = new();
}

/// <summary>true or false.</summary>
internal sealed record CelBool(bool Value) : CelValue
{
    public override string TypeName => "bool";

    public static CelBool True { get; } = new(true);

    public static CelBool False { get; } = new(false);

    public static CelBool Of(bool value) => value ? True : False;
}

/// <summary>A whole number.</summary>
internal sealed record CelInt(long Value) : CelValue
{
    public override string TypeName => "int";
}

/// <summary>A floating-point number.</summary>
internal sealed record CelDouble(double Value) : CelValue
{
    public override string TypeName => "double";
}

/// <summary>A string.</summary>
internal sealed record CelString(string Value) : CelValue
{
    public override string TypeName => "string";
}

/// <summary>A length of time.</summary>
/// <param name="Nanoseconds">The length, as in Go at most some 292 years.</param>
internal sealed record CelDuration(long Nanoseconds) : CelValue
{
    public override string TypeName => "google.protobuf.Duration";
}

/// <summary>A moment.</summary>
internal sealed record CelTimestamp(DateTimeOffset Value) : CelValue
{
    public override string TypeName => "google.protobuf.Timestamp";
}

/// <summary>A type as a value.</summary>
internal sealed record CelType(string Name) : CelValue
{
    public override string TypeName => "type";
}
