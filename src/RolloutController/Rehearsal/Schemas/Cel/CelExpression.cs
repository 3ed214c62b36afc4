namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>A part of an expression.</summary>
internal abstract record CelExpression
{
    /// <summary>Its value, or a <see cref="CelError"/>.</summary>
    public abstract CelValue Evaluate(CelScope scope);
}

/// <summary>A literal or a type.</summary>
internal sealed record CelConstant(CelValue Value) : CelExpression
{
    public override CelValue Evaluate(CelScope scope) => Value;
}

/// <summary>A variable.</summary>
internal sealed record CelVariable(string Name) : CelExpression
{
    public override CelValue Evaluate(CelScope scope) => scope.Find(Name);
}

/// <summary>A field of an object or an entry of a map: <c>a.b</c>.</summary>
internal sealed record CelSelect(CelExpression Operand, string Field) : CelExpression
{
    private readonly CelString _key = new(Field);

    public override CelValue Evaluate(CelScope scope) => Operand.Evaluate(scope) switch
    {
        CelError error => error,
        CelMap map => map.Find(_key) ?? CelError.NoSuchKey(Field),
        _ => CelError.NoSuchOverload,
    };

    /// <summary>Whether the field is there: <c>has(a.b)</c>.</summary>
    public CelValue Has(CelScope scope) => Operand.Evaluate(scope) switch
    {
        CelError error => error,
        CelMap map => CelBool.Of(map.Find(_key) is not null),
        _ => CelError.NoSuchOverload,
    };
}

/// <summary><c>has(a.b)</c>.</summary>
internal sealed record CelHas(CelSelect Field) : CelExpression
{
    public override CelValue Evaluate(CelScope scope) => Field.Has(scope);
}

/// <summary>A call of a function or an operator; a member function has its target as the first argument.</summary>
internal sealed record CelCall(CelFunction Function, IReadOnlyList<CelExpression> Arguments) : CelExpression
{
    public override CelValue Evaluate(CelScope scope)
    {
        var values = new CelValue[Arguments.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Arguments[i].Evaluate(scope);
            if (values[i] is CelError error)
                return error;
        }

        return Function(values);
    }
}

/// <summary>A list literal.</summary>
internal sealed record CelListLiteral(IReadOnlyList<CelExpression> Items) : CelExpression
{
    public override CelValue Evaluate(CelScope scope)
    {
        var values = Items.Select(item => item.Evaluate(scope)).ToList();
        return values.Find(value => value is CelError) ?? new CelListOf(values);
    }
}

/// <summary>A map literal.</summary>
internal sealed record CelMapLiteral(IReadOnlyList<KeyValuePair<CelExpression, CelExpression>> Entries) : CelExpression
{
    public override CelValue Evaluate(CelScope scope)
    {
        var entries = new List<KeyValuePair<CelValue, CelValue>>();
        foreach (var (name, expression) in Entries)
        {
            var key = name.Evaluate(scope);
            var value = expression.Evaluate(scope);
            if (key is CelError || value is CelError)
                return key is CelError ? key : value;
            if (key is not (CelString or CelInt or CelBool))
                return new CelError("unsupported key type");
            if (entries.Exists(entry => CelEquality.Equal(entry.Key, key)))
                return new CelError($"Failed with repeated key: {CelText.Of(key)}");
            entries.Add(new(key, value));
        }

        return new CelMapOf(entries);
    }
}
