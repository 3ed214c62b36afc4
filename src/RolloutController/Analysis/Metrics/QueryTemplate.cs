using System.Text;

namespace RolloutController.Analysis.Metrics;

/// <summary>
/// A PromQL expression in which <c>$namespace</c>, <c>$service</c>, <c>$revision</c>, <c>$pods</c> and <c>$addresses</c> are filled in:
/// <c>sum(shop_queue_length{pod=~"$pods"})</c>. They stand within quotes alone, where no value can end the quote, so that nothing in a
/// value can change what is asked. What is asked beyond that is the user's own: nothing holds it to a namespace.
/// </summary>
public sealed class QueryTemplate
{
    private const int MaxLength = 1024;

    private readonly string _text;
    private readonly List<Piece> _pieces = [];

    private QueryTemplate(string text) => _text = text;

    /// <summary>Whether it asks about the version's own pods.</summary>
    public bool NamesRevision => Uses(SelectorVariable.Pods) || Uses(SelectorVariable.Revision) || Uses(SelectorVariable.Addresses);

    /// <summary>Whether it names the Service, and so needs one that only one version is behind.</summary>
    public bool NamesService => Uses(SelectorVariable.Service);

    /// <summary>Its pieces, in their order.</summary>
    internal IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>Reads an expression. Its grammar is for the provider to judge.</summary>
    /// <param name="text">The expression, at most 1,024 characters.</param>
    /// <exception cref="SelectorException">A variable stands where it cannot be filled in safely, or there is none of its name.</exception>
    public static QueryTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            throw new SelectorException($"The query has {text.Length} characters, more than {MaxLength}.");
        var template = new QueryTemplate(text);
        template.Read();
        return template;
    }

    /// <summary>Writes the expression for one version.</summary>
    /// <param name="arm">The version.</param>
    /// <exception cref="SelectorException">It uses <c>$service</c>, but both versions are behind the same Service.</exception>
    public string Render(ArmIdentity arm)
    {
        ArgumentNullException.ThrowIfNull(arm);
        return string.Concat(_pieces.Select(piece => piece.Of(arm)));
    }

    private bool Uses(SelectorVariable variable) => _pieces.Exists(piece => piece.Part is VariablePart part && part.Variable == variable);

    private void Read()
    {
        var (literal, quote) = (new StringBuilder(), '\0');
        for (var at = 0; at < _text.Length; at++)
        {
            var character = _text[at];
            if (character == '$' && at + 1 < _text.Length && char.IsAsciiLetter(_text[at + 1]))
            {
                var variable = Variable(at, quote);
                _pieces.Add(new Piece(new TextPart(literal.ToString()), IsRaw: true));
                _pieces.Add(new Piece(VariablePart.Named(variable)!, IsRaw: quote == '`'));
                literal.Clear();
                at += variable.Length - 1;
                continue;
            }

            if (character == '#' && quote == '\0')
                throw Wrong(at, "comments are not allowed");
            literal.Append(character);
            if (character == '\\' && quote is '"' or '\'' && at + 1 < _text.Length)
                literal.Append(_text[++at]);
            else if (quote == '\0' ? character is '"' or '\'' or '`' : character == quote)
                quote = quote == '\0' ? character : '\0';
        }

        if (quote != '\0')
            throw Wrong(_text.Length - 1, "a quote is not closed");
        _pieces.Add(new Piece(new TextPart(literal.ToString()), IsRaw: true));
    }

    private string Variable(int at, char quote)
    {
        var end = at + 1;
        while (end < _text.Length && char.IsAsciiLetter(_text[end]))
            end++;
        var name = _text[at..end];
        if (quote == '\0')
            throw Wrong(at, $"a variable stands within quotes: write \"{name}\"");
        return VariablePart.Named(name) is not null ? name
            : throw Wrong(at, $"there is no variable {name}: the variables are $namespace, $service, $revision, $pods and $addresses");
    }

    private static SelectorException Wrong(int at, string what) => new($"The query is wrong at character {at + 1}: {what}.");

    /// <summary>A piece of an expression.</summary>
    /// <param name="Part">Text as it stands there, or a variable.</param>
    /// <param name="IsRaw">Whether a backslash means itself there, as between backquotes.</param>
    internal sealed record Piece(ValuePart Part, bool IsRaw)
    {
        // No value has quotes in it: the parts of an arm's identity are checked.
        public string Of(ArmIdentity arm) => Part switch
        {
            VariablePart variable when IsRaw => variable.Of(arm),
            VariablePart variable => variable.Of(arm).Replace("\\", "\\\\", StringComparison.Ordinal),
            _ => ((TextPart)Part).Text,
        };
    }
}
