namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary><c>a &amp;&amp; b</c> and <c>a || b</c>: where one side decides, an error of the other does not matter, whichever side it is on.</summary>
/// <param name="Left">The left side.</param>
/// <param name="Right">The right side.</param>
/// <param name="Deciding">The value that decides alone: false for and, true for or.</param>
internal sealed record CelJunction(CelExpression Left, CelExpression Right, bool Deciding) : CelExpression
{
    public override CelValue Evaluate(CelScope scope)
    {
        var left = Left.Evaluate(scope);
        if (left is CelBool { Value: var value } && value == Deciding)
            return left;
        var right = Right.Evaluate(scope);
        return Join(left, right, Deciding);
    }

    /// <summary>Joins two values.</summary>
    public static CelValue Join(CelValue left, CelValue right, bool deciding) => (left, right) switch
    {
        (CelBool a, _) when a.Value == deciding => left,
        (_, CelBool b) when b.Value == deciding => right,
        (CelError, _) => left,
        (_, CelError) => right,
        (CelBool, CelBool) => right,
        _ => CelError.NoSuchOverload,
    };
}

/// <summary><c>a ? b : c</c>.</summary>
internal sealed record CelConditional(CelExpression Condition, CelExpression Then, CelExpression Else) : CelExpression
{
    public override CelValue Evaluate(CelScope scope) => Condition.Evaluate(scope) switch
    {
        CelError error => error,
        CelBool { Value: true } => Then.Evaluate(scope),
        CelBool => Else.Evaluate(scope),
        _ => CelError.NoSuchOverload,
    };
}

/// <summary>A macro over the items of a list or the keys of a map.</summary>
/// <param name="Range">The list or map.</param>
/// <param name="Variable">The name that the expression gives to the item.</param>
internal abstract record CelComprehension(CelExpression Range, string Variable) : CelExpression
{
    public override CelValue Evaluate(CelScope scope) => Range.Evaluate(scope) switch
    {
        CelError error => error,
        CelList list => Over(list.Items, scope),
        CelMap map => Over(map.Keys, scope),
        _ => CelError.NoSuchOverload,
    };

    /// <summary>Goes over the items.</summary>
    protected abstract CelValue Over(IEnumerable<CelValue> items, CelScope scope);

    /// <summary>The value of an expression for an item.</summary>
    protected CelValue For(CelExpression expression, CelValue item, CelScope scope) => expression.Evaluate(new(Variable, item, scope));
}

/// <summary><c>all</c> and <c>exists</c>, which join the items as <c>&amp;&amp;</c> and <c>||</c> do.</summary>
internal sealed record CelQuantifier(CelExpression Range, string Variable, CelExpression Predicate, bool Deciding) : CelComprehension(Range, Variable)
{
    protected override CelValue Over(IEnumerable<CelValue> items, CelScope scope)
    {
        CelValue joined = CelBool.Of(!Deciding);
        foreach (var item in items)
        {
            joined = CelJunction.Join(joined, For(Predicate, item, scope), Deciding);
            if (joined is CelBool { Value: var value } && value == Deciding)
                break;
        }

        return joined;
    }
}

/// <summary><c>exists_one</c>.</summary>
internal sealed record CelExistsOne(CelExpression Range, string Variable, CelExpression Predicate) : CelComprehension(Range, Variable)
{
    protected override CelValue Over(IEnumerable<CelValue> items, CelScope scope)
    {
        var count = 0;
        foreach (var item in items)
        {
            switch (For(Predicate, item, scope))
            {
                case CelBool { Value: var holds }:
                    count += holds ? 1 : 0;
                    break;
                case var other:
                    return other as CelError ?? CelError.NoSuchOverload;
            }
        }

        return CelBool.Of(count == 1);
    }
}

/// <summary><c>map</c> and <c>filter</c>: what becomes of the items for which a predicate holds.</summary>
internal sealed record CelSelection(CelExpression Range, string Variable, CelExpression? Predicate, CelExpression Result) : CelComprehension(Range, Variable)
{
    protected override CelValue Over(IEnumerable<CelValue> items, CelScope scope)
    {
        var values = new List<CelValue>();
        foreach (var item in items)
        {
            var holds = Predicate is null ? CelBool.True : For(Predicate, item, scope);
            if (holds is not CelBool { Value: var taken })
                return holds as CelError ?? CelError.NoSuchOverload;
            if (!taken)
                continue;
            var value = For(Result, item, scope);
            if (value is CelError)
                return value;
            values.Add(value);
        }

        return new CelListOf(values);
    }
}
