using System.Text;

namespace RolloutController.Analysis.Metrics;

/// <summary>
/// A strict parser of one PromQL instant vector selector, the subset of
/// https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors that counters need.
/// </summary>
internal sealed class SelectorParser(string text)
{
    private const int MaxLength = 1024;
    private const string Example = "http_requests_total{namespace=\"$namespace\",pod=~\"$pods\"}";

    private int _at;

    public SelectorTemplate Parse()
    {
        var (metric, matchers) = Selector();
        return Named(metric, matchers);
    }

    /// <summary>Log streams are told by their labels alone.</summary>
    public SelectorTemplate ParseStreams()
    {
        var (metric, matchers) = Selector();
        return metric.Length == 0 && matchers.Count > 0 && !matchers.Exists(matcher => matcher.Label == "__name__")
            ? new SelectorTemplate("", matchers)
            : throw new SelectorException("The selector must name log streams by their labels alone, such as {namespace=\"$namespace\",pod=~\"$pods\"}.");
    }

    private (string Metric, List<LabelMatcher> Matchers) Selector()
    {
        if (text.Length > MaxLength)
            throw new SelectorException($"The selector has {text.Length} characters, more than {MaxLength}.");

        Skip();
        var metric = Name(allowColon: true);
        Skip();
        if (Peek == '(' || Ahead("by") || Ahead("without"))
            throw Wrong("functions and aggregations are not allowed: the controller reads the counters themselves and adds up their increases");
        List<LabelMatcher> matchers = Peek == '{' ? Matchers() : [];
        Skip();
        if (_at < text.Length)
            throw Trailing();
        return (metric, matchers);
    }

    private bool Ahead(string word) => text.AsSpan(_at).StartsWith(word, StringComparison.OrdinalIgnoreCase);

    private char Peek => _at < text.Length ? text[_at] : '\0';

    /// <summary>The name may stand before the braces or within, as <c>__name__="..."</c>.</summary>
    private static SelectorTemplate Named(string metric, List<LabelMatcher> matchers)
    {
        var names = matchers.Where(matcher => matcher.Label == "__name__").ToList();
        return (metric, names) switch
        {
            ("", [{ Operator: "=", Value: [TextPart name] }]) when IsName(name.Text, allowColon: true) => new(name.Text, [.. matchers.Except(names)]),
            ({ Length: > 0 }, []) => new(metric, matchers),
            _ => throw new SelectorException($"The selector must name one metric, such as {Example}."),
        };
    }

    private List<LabelMatcher> Matchers()
    {
        var matchers = new List<LabelMatcher>();
        Expect('{', "{");
        Skip();
        while (Peek != '}')
        {
            matchers.Add(Matcher());
            Skip();
            if (Peek != '}')
                Expect(',', "a comma or a closing brace");
            Skip();
        }

        _at++;
        return matchers;
    }

    private LabelMatcher Matcher()
    {
        if (Peek is '"' or '\'' or '`')
            throw Wrong("expected a label's name without quotes; a metric's name goes before the brace");
        var start = _at;
        var label = Name(allowColon: false);
        if (label.Length == 0)
            throw Wrong(_at < text.Length ? "expected a label's name" : "the brace is not closed");
        Skip();
        var comparison = Operator();
        Skip();
        var value = Value();
        var matcher = new LabelMatcher(label, comparison, value);
        if (!matcher.IsRegex && value.OfType<VariablePart>().Any(part => part.Variable is SelectorVariable.Pods or SelectorVariable.Addresses))
            throw Wrong($"$pods is a regular expression: write {label}=~\"$pods\"", start);
        return matcher;
    }

    private string Operator()
    {
        foreach (var candidate in (ReadOnlySpan<string>)["=~", "!~", "!=", "="])
        {
            if (!text.AsSpan(_at).StartsWith(candidate))
                continue;
            _at += candidate.Length;
            return candidate;
        }

        throw Wrong("expected one of = != =~ !~ after the label's name");
    }

    private List<ValuePart> Value()
    {
        var quote = Peek;
        if (quote is not ('"' or '\'' or '`'))
            throw Wrong(quote == '$' ? "a variable stands within quotes: write \"$service\"" : "expected a value in quotes");

        var start = _at++;
        var parts = new List<ValuePart>();
        var literal = new StringBuilder();
        while (Peek != quote || _at >= text.Length)
        {
            if (_at >= text.Length || (Peek is '\n' or '\r' && quote != '`'))
                throw Wrong("this quote is not closed", start);
            if (Peek == '$' && _at + 1 < text.Length && char.IsAsciiLetter(text[_at + 1]))
            {
                Flush();
                parts.Add(Variable());
            }
            else
            {
                literal.Append(Peek == '\\' && quote != '`' ? Escape() : text[_at++]);
            }
        }

        _at++;
        Flush();
        return parts;

        void Flush()
        {
            if (literal.Length > 0)
                parts.Add(new TextPart(literal.ToString()));
            literal.Clear();
        }
    }

    /// <summary>Letters make the name, so that <c>$namespace_$service</c> is two variables and an underscore.</summary>
    private VariablePart Variable()
    {
        var start = _at++;
        while (char.IsAsciiLetter(Peek))
            _at++;
        return VariablePart.Named(text[start.._at])
            ?? throw Wrong($"there is no variable {text[start.._at]}: the variables are $namespace, $service, $revision, $pods and $addresses", start);
    }

    private char Escape()
    {
        var escaped = _at + 1 < text.Length ? text[_at + 1] : '\0';
        var meaning = escaped switch
        {
            '\\' or '"' or '\'' => escaped,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            _ => throw Wrong("a backslash in a quoted value is written twice (\"5\\\\d\\\\d\"), or once between backquotes (`5\\d\\d`)"),
        };
        _at += 2;
        return meaning;
    }

    private string Name(bool allowColon)
    {
        var start = _at;
        while (IsNameCharacter(Peek, first: _at == start, allowColon))
            _at++;
        return text[start.._at];
    }

    /// <summary>Whether a text is the name of a label, or with colons of a metric.</summary>
    public static bool IsName(string name, bool allowColon) =>
        name.Length > 0 && name.Index().All(one => IsNameCharacter(one.Item, one.Index == 0, allowColon));

    private static bool IsNameCharacter(char character, bool first, bool allowColon) =>
        char.IsAsciiLetter(character) || character == '_' || (allowColon && character == ':') || (!first && char.IsAsciiDigit(character));

    private void Skip()
    {
        while (Peek is ' ' or '\t' or '\n' or '\r')
            _at++;
    }

    private void Expect(char character, string what)
    {
        if (Peek != character)
            throw Wrong(_at < text.Length ? $"expected {what}" : "the brace is not closed");
        _at++;
    }

    private SelectorException Trailing() => Peek switch
    {
        '[' => Wrong("a range such as [5m] is not allowed: the controller chooses it"),
        '@' => Wrong("the modifiers @ and offset are not allowed: the controller asks for now"),
        '#' => Wrong("comments are not allowed"),
        '+' or '-' or '*' or '/' or '%' or '^' or '<' or '>' or '=' or '!' => Wrong("operators are not allowed: write one selector for the requests and one for the errors, the controller divides"),
        _ when Ahead("offset") => Wrong("the modifiers @ and offset are not allowed: the controller asks for now"),
        _ => Wrong($"expected the end; a selector is written like {Example}"),
    };

    private SelectorException Wrong(string what, int? at = null) => new($"The selector is wrong at character {(at ?? _at) + 1}: {what}.");
}
