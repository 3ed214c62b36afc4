using System.Globalization;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Reads an expression by the grammar of the CEL language definition, macros included.</summary>
internal sealed class CelParser
{
    private static readonly string[] Relations = ["==", "!=", "<", "<=", ">", ">="];

    private static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    ];

    private readonly string _text;
    private readonly IReadOnlyList<CelToken> _tokens;
    private readonly IReadOnlyCollection<string> _variables;
    private readonly Stack<string> _items = [];
    private readonly HashSet<string> _used = [];
    private int _position;

    private CelParser(string text, IReadOnlyCollection<string> variables)
    {
        _text = text;
        _tokens = CelLexer.Read(text);
        _variables = variables;
    }

    private CelToken Current => _tokens[_position];

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="variables">The variables that it may use.</param>
    /// <param name="used">Those that it does use.</param>
    /// <exception cref="CelSyntaxException">It cannot be read, or uses what this evaluator does not have.</exception>
    public static CelExpression Read(string text, IReadOnlyCollection<string> variables, out IReadOnlySet<string> used)
    {
        var parser = new CelParser(text, variables);
        var expression = parser.Expression();
        if (parser.Current.Kind != CelTokenKind.End)
            throw parser.Wrong(parser.Current, $"{parser.Current} does not belong here");
        used = parser._used;
        return expression;
    }

    private CelExpression Expression()
    {
        var condition = Or();
        if (!Accept("?"))
            return condition;
        var then = Or();
        Expect(":");
        return new CelConditional(condition, then, Expression());
    }

    private CelExpression Or()
    {
        var left = And();
        while (Accept("||"))
            left = new CelJunction(left, And(), Deciding: true);
        return left;
    }

    private CelExpression And()
    {
        var left = Relation();
        while (Accept("&&"))
            left = new CelJunction(left, Relation(), Deciding: false);
        return left;
    }

    private CelExpression Relation() => Binary(
        Addition, () => Current.IsName("in") || (Current.Kind == CelTokenKind.Symbol && Relations.Contains(Current.Text)));

    private CelExpression Addition() => Binary(Multiplication, () => Current.Is("+") || Current.Is("-"));

    private CelExpression Multiplication() => Binary(Unary, () => Current.Is("*") || Current.Is("/") || Current.Is("%"));

    private CelExpression Binary(Func<CelExpression> operand, Func<bool> isOperator)
    {
        var left = operand();
        while (isOperator())
            left = new CelCall(CelOperators.Binary(Take().Text), [left, operand()]);
        return left;
    }

    private CelExpression Unary()
    {
        if (Accept("!"))
            return new CelCall(CelOperators.Not, [Unary()]);
        if (!Current.Is("-"))
            return Member();
        var minus = Take();
        // The least whole number has no positive counterpart, so the sign belongs to the literal.
        if (Current.Kind is CelTokenKind.Integer)
            return Members(new CelConstant(Integer("-" + Current.Text, Take())));
        if (Current.Kind is CelTokenKind.End)
            throw Wrong(minus, "there is nothing after this '-'");
        return new CelCall(CelOperators.Negate, [Unary()]);
    }

    private CelExpression Member() => Members(Primary());

    private CelExpression Members(CelExpression target)
    {
        while (true)
        {
            if (Accept("["))
            {
                target = new CelCall(CelOperators.Index, [target, Expression()]);
                Expect("]");
            }
            else if (Accept("."))
            {
                if (Current.Is("?"))
                    throw Wrong(Current, "optional fields are not supported here");
                var name = TakeName();
                target = Accept("(") ? MemberCall(target, name) : new CelSelect(target, name.Text);
            }
            else if (Current.Is("{"))
            {
                throw Wrong(Current, "messages are not supported here");
            }
            else
            {
                return target;
            }
        }
    }

    private CelExpression Primary()
    {
        var token = Take();
        return token.Kind switch
        {
            CelTokenKind.Integer => new CelConstant(Integer(token.Text, token)),
            CelTokenKind.Double => new CelConstant(new CelDouble(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture))),
            CelTokenKind.Text => new CelConstant(new CelString(token.Text)),
            CelTokenKind.Name => Named(token),
            CelTokenKind.Symbol when token.Text == "(" => Parenthesized(),
            CelTokenKind.Symbol when token.Text == "[" => new CelListLiteral(Arguments("]")),
            CelTokenKind.Symbol when token.Text == "{" => Map(),
            _ => throw Wrong(token, $"a value is missing before {token}"),
        };
    }

    private CelExpression Parenthesized()
    {
        var inner = Expression();
        Expect(")");
        return inner;
    }

    private CelMapLiteral Map()
    {
        var entries = new List<KeyValuePair<CelExpression, CelExpression>>();
        while (!Accept("}"))
        {
            var key = Expression();
            Expect(":");
            entries.Add(new(key, Expression()));
            if (!Accept(","))
            {
                Expect("}");
                break;
            }
        }

        return new(entries);
    }

    private CelExpression Named(CelToken name)
    {
        switch (name.Text)
        {
            case "true" or "false":
                return new CelConstant(CelBool.Of(name.Text == "true"));
            case "null":
                return new CelConstant(CelNull.Instance);
        }

        if (Accept("("))
            return name.Text == "has" ? Has(name) : Call(name, isMember: false, Arguments(")"));
        if (Reserved.Contains(name.Text))
            throw Wrong(name, $"'{name.Text}' is a reserved word");
        if (_items.Contains(name.Text))
            return new CelVariable(name.Text);
        if (_variables.Contains(name.Text))
        {
            _used.Add(name.Text);
            return new CelVariable(name.Text);
        }

        return CelFunctions.Type(name.Text) is { } type ? new CelConstant(type) : throw Wrong(name, $"there is no variable '{name.Text}'");
    }

    private CelHas Has(CelToken name) => Arguments(")") is [CelSelect field]
        ? new CelHas(field)
        : throw Wrong(name, "has takes one field, such as has(self.name)");

    private CelExpression MemberCall(CelExpression target, CelToken name) => name.Text switch
    {
        "all" or "exists" or "exists_one" or "map" or "filter" => Comprehension(target, name),
        _ => Call(name, isMember: true, [target, .. Arguments(")")]),
    };

    private CelExpression Comprehension(CelExpression range, CelToken macro)
    {
        var variable = TakeName().Text;
        Expect(",");
        _items.Push(variable);
        var bodies = Arguments(")");
        _items.Pop();
        return (macro.Text, bodies) switch
        {
            ("all", [var body]) => new CelQuantifier(range, variable, body, Deciding: false),
            ("exists", [var body]) => new CelQuantifier(range, variable, body, Deciding: true),
            ("exists_one", [var body]) => new CelExistsOne(range, variable, body),
            ("filter", [var body]) => new CelSelection(range, variable, body, new CelVariable(variable)),
            ("map", [var body]) => new CelSelection(range, variable, null, body),
            ("map", [var predicate, var body]) => new CelSelection(range, variable, predicate, body),
            _ => throw Wrong(macro, $"{macro.Text} does not take {bodies.Count + 1} arguments"),
        };
    }

    private CelCall Call(CelToken name, bool isMember, List<CelExpression> arguments)
    {
        try
        {
            var function = name.Text == "matches" && arguments is [_, CelConstant { Value: CelString pattern }]
                ? CelStrings.Matches(pattern.Value)
                : CelFunctions.Find(name.Text, isMember, arguments.Count);
            return new(function ?? throw Wrong(name, $"there is no function {name.Text} with these arguments"), arguments);
        }
        catch (NotSupportedException problem)
        {
            throw Wrong(name, problem.Message);
        }
    }

    private List<CelExpression> Arguments(string end)
    {
        var arguments = new List<CelExpression>();
        while (!Accept(end))
        {
            arguments.Add(Expression());
            if (!Accept(","))
            {
                Expect(end);
                break;
            }
        }

        return arguments;
    }

    private CelInt Integer(string text, CelToken token)
    {
        var isNegative = text.StartsWith('-');
        var digits = isNegative ? text[1..] : text;
        var isRead = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? UInt128.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            : UInt128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out size);
        if (!isRead || size > (UInt128)long.MaxValue + (isNegative ? 1u : 0u))
            throw Wrong(token, "this number has more than 64 bits");
        return new((long)(isNegative ? -(Int128)size : (Int128)size));
    }

    private CelToken TakeName() => Current.Kind == CelTokenKind.Name ? Take() : throw Wrong(Current, $"a name is missing before {Current}");

    private CelToken Take() => Current.Kind == CelTokenKind.End ? Current : _tokens[_position++];

    private bool Accept(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        _position++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Accept(symbol))
            throw Wrong(Current, $"'{symbol}' is missing before {Current}");
    }

    private CelSyntaxException Wrong(CelToken token, string problem) => new(_text, token.Position, problem);
}
