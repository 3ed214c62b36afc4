namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Splits an expression into tokens, as the lexis of the CEL language definition says.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] LongSymbols = ["&&", "||", "==", "!=", "<=", ">="];
    private int _position;

    /// <summary>The tokens, with <see cref="CelTokenKind.End"/> as the last.</summary>
    /// <exception cref="CelSyntaxException">A character or literal that is none.</exception>
    public static IReadOnlyList<CelToken> Read(string text)
    {
        var lexer = new CelLexer(text);
        var tokens = new List<CelToken>();
        do
            tokens.Add(lexer.Next());
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    private CelToken Next()
    {
        SkipSpace();
        if (_position == text.Length)
            return new(CelTokenKind.End, "", _position);
        var c = text[_position];
        return StringPrefix() is { } prefix ? Text(prefix)
            : char.IsAsciiLetter(c) || c == '_' ? Name()
            : char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))) ? Number()
            : Symbol();
    }

    private void SkipSpace()
    {
        while (_position < text.Length)
        {
            if (text.AsSpan(_position).StartsWith("//"))
                _position = text.IndexOf('\n', _position) is var end and >= 0 ? end : text.Length;
            else if (text[_position] is ' ' or '\t' or '\r' or '\n' or '\f')
                _position++;
            else
                return;
        }
    }

    /// <summary>The letters before a quote, when a string begins here.</summary>
    private string? StringPrefix()
    {
        var length = 0;
        while (length < 2 && Peek(length) is 'r' or 'R' or 'b' or 'B')
            length++;
        return Peek(length) is '"' or '\'' ? text.Substring(_position, length) : null;
    }

    private CelToken Text(string prefix)
    {
        var start = _position;
        if (prefix.Contains('b', StringComparison.OrdinalIgnoreCase))
            throw Wrong(start, "bytes are not supported here");
        _position += prefix.Length;
        var quote = text[_position].ToString();
        if (text.AsSpan(_position).StartsWith(quote + quote + quote))
            quote += quote + quote;
        _position += quote.Length;
        var value = CelStringLiteral.Read(text, ref _position, quote, isRaw: prefix.Length > 0)
            ?? throw Wrong(start, "the string does not end");
        return new(CelTokenKind.Text, value, start);
    }

    private CelToken Name()
    {
        var start = _position;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() == '_')
            _position++;
        return new(CelTokenKind.Name, text[start.._position], start);
    }

    private CelToken Number()
    {
        var start = _position;
        if (Peek() == '0' && Peek(1) is 'x' or 'X')
        {
            _position += 2;
            Skip(char.IsAsciiHexDigit);
            return Ended(CelTokenKind.Integer, start);
        }

        Skip(char.IsAsciiDigit);
        var kind = CelTokenKind.Integer;
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            kind = CelTokenKind.Double;
            _position++;
            Skip(char.IsAsciiDigit);
        }

        if (Peek() is 'e' or 'E')
        {
            kind = CelTokenKind.Double;
            _position += Peek(1) is '+' or '-' ? 2 : 1;
            Skip(char.IsAsciiDigit);
        }

        return Ended(kind, start);
    }

    private CelToken Ended(CelTokenKind kind, int start) => Peek() switch
    {
        'u' or 'U' => throw Wrong(start, "unsigned numbers are not supported here"),
        var next when char.IsAsciiLetterOrDigit(next) || next == '_' => throw Wrong(start, "this is no number"),
        _ => new(kind, text[start.._position], start),
    };

    private CelToken Symbol()
    {
        var start = _position;
        var symbol = Array.Find(LongSymbols, item => text.AsSpan(start).StartsWith(item)) ?? text[start].ToString();
        if (symbol.Length == 1 && !"()[]{}.,?:+-*/%!<>".Contains(symbol[0]))
            throw Wrong(start, $"'{symbol}' is no operator of CEL");
        _position += symbol.Length;
        return new(CelTokenKind.Symbol, symbol, start);
    }

    private void Skip(Func<char, bool> belongs)
    {
        while (belongs(Peek()))
            _position++;
    }

    private char Peek(int ahead = 0) => _position + ahead < text.Length ? text[_position + ahead] : '\0';

    private CelSyntaxException Wrong(int position, string problem) => new(text, position, problem);
}
