using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>
/// Regular expressions as Go reads them (RE2), run without backtracking. What RE2 and .NET read differently is rewritten: <c>$</c> is the
/// end of the text and no line break before it, <c>\d \s \w</c> are ASCII, groups are named <c>(?P&lt;name&gt;)</c>.
/// </summary>
internal sealed class Re2Pattern
{
    private readonly string _pattern;
    private readonly StringBuilder _written = new();
    private int _position;
    private bool _isMultiline;

    private Re2Pattern(string pattern) => _pattern = pattern;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="ArgumentException">The pattern is none.</exception>
    /// <exception cref="NotSupportedException">The pattern uses what cannot be had here.</exception>
    public static Regex Compile(string pattern) =>
        new(new Re2Pattern(pattern).Translate(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private string Translate()
    {
        while (_position < _pattern.Length)
        {
            switch (_pattern[_position])
            {
                case '\\':
                    Escape(isInClass: false);
                    break;
                case '[':
                    Class();
                    break;
                case '(' when Next("(?"):
                    Group();
                    break;
                case '$' when !_isMultiline:
                    Write(1, @"\z");
                    break;
                default:
                    Write(1, _pattern[_position].ToString());
                    break;
            }
        }

        return _written.ToString();
    }

    private void Escape(bool isInClass)
    {
        switch (_position + 1 < _pattern.Length ? _pattern[_position + 1] : '\0')
        {
            case 'd':
                Write(2, isInClass ? "0-9" : "[0-9]");
                break;
            case 'w':
                Write(2, isInClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]");
                break;
            case 's':
                Write(2, isInClass ? @"\t\n\f\r " : @"[\t\n\f\r ]");
                break;
            case 'D' when !isInClass:
                Write(2, "[^0-9]");
                break;
            case 'W' when !isInClass:
                Write(2, "[^0-9A-Za-z_]");
                break;
            case 'S' when !isInClass:
                Write(2, @"[^\t\n\f\r ]");
                break;
            case 'p' or 'P' when _position + 2 < _pattern.Length && _pattern[_position + 2] != '{':
                Write(3, $@"\{_pattern[_position + 1]}{{{_pattern[_position + 2]}}}");
                break;
            case 'x' when Next(@"\x{"):
                CodePoint();
                break;
            case 'b' or 'B' or 'C' or 'Q' or 'E' or 'D' or 'W' or 'S' or >= '1' and <= '9':
                throw new NotSupportedException($"{_pattern.Substring(_position, 2)} in the pattern {_pattern} is not supported here");
            default:
                Write(2, _pattern.Substring(_position, Math.Min(2, _pattern.Length - _position)));
                break;
        }
    }

    private void CodePoint()
    {
        var end = _pattern.IndexOf('}', _position);
        var isRead = int.TryParse(
            end < 0 ? "" : _pattern.AsSpan(_position + 3, end - _position - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code);
        if (!isRead || code > 0xFFFF)
            throw new NotSupportedException($"the character at {_position} of the pattern {_pattern} is not supported here");
        Write(end + 1 - _position, $@"\u{code:X4}");
    }

    private void Class()
    {
        Write(1, "[");
        if (Next("^"))
            Write(1, "^");
        if (Next("]"))
            Write(1, @"\]");
        while (_position < _pattern.Length && _pattern[_position] != ']')
        {
            if (Next("[:"))
                NamedClass();
            else if (_pattern[_position] == '\\')
                Escape(isInClass: true);
            else
                // .NET would take [a-z-[b]] for a difference.
                Write(1, _pattern[_position] == '[' ? @"\[" : _pattern[_position].ToString());
        }

        if (_position == _pattern.Length)
            throw new ArgumentException($"missing closing ]: `{_pattern}`");
        Write(1, "]");
    }

    private void NamedClass()
    {
        var end = _pattern.IndexOf(":]", _position, StringComparison.Ordinal);
        var name = end < 0 ? "" : _pattern[(_position + 2)..end];
        Write(end + 2 - _position, name switch
        {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "digit" => "0-9",
            "lower" => "a-z",
            "upper" => "A-Z",
            "space" => @"\t\n\v\f\r ",
            "word" => "0-9A-Za-z_",
            "xdigit" => "0-9A-Fa-f",
            _ => throw new NotSupportedException($"[:{name}:] in the pattern {_pattern} is not supported here"),
        });
    }

    private void Group()
    {
        if (Next("(?P<"))
            Write(4, "(?<");
        else if (Next("(?:") || Next("(?<"))
            Write(3, _pattern.Substring(_position, 3));
        else
            Flags();
    }

    private void Flags()
    {
        var end = _pattern.IndexOfAny([')', ':'], _position);
        var flags = end < 0 ? "" : _pattern[(_position + 2)..end];
        var isAtStart = _position == 0 && _pattern[Math.Max(end, 0)] == ')';
        // A flag for a part of the pattern would need the bounds of that part to know what $ means there.
        if (flags.Length == 0 || flags.Any(flag => !"ims".Contains(flag)) || (flags.Contains('m') && !isAtStart))
            throw new NotSupportedException($"the group at {_position} of the pattern {_pattern} is not supported here");
        _isMultiline |= flags.Contains('m');
        Write(end + 1 - _position, _pattern[_position..(end + 1)]);
    }

    private bool Next(string text) => _pattern.AsSpan(_position).StartsWith(text);

    private void Write(int read, string written)
    {
        _position += read;
        _written.Append(written);
    }
}
