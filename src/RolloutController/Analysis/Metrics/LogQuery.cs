using System.Buffers;
using System.Globalization;
using RolloutController.Api;

namespace RolloutController.Analysis.Metrics;

/// <summary>
/// Which log lines of a version are counted: a stream selector, which is parsed, filled in and written anew like any selector, and a
/// pipeline, which is held to what cannot reach beyond its place in the query.
/// </summary>
/// <remarks>The language: https://grafana.com/docs/loki/latest/query/log_queries/</remarks>
public sealed class LogQuery
{
    private const int MaxLength = 1024;

    /// <summary>Without brackets, braces and comments a pipeline cannot end the selection that it is part of.</summary>
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,|=!~<> ");

    private const string Before = "sum(count_over_time(";
    private const string After = "))";

    private readonly string _lines;
    private readonly string _over;

    private LogQuery(SelectorTemplate streams, string lines, TimeSpan over)
    {
        (Streams, _lines) = (streams, lines.Trim());
        _over = string.Create(CultureInfo.InvariantCulture, $"[{(long)Math.Ceiling(over.TotalSeconds)}s]");
    }

    /// <summary>The streams that lines are picked from.</summary>
    internal SelectorTemplate Streams { get; }

    /// <summary>Whether it names the Service, and so needs one that only one version is behind.</summary>
    public bool NamesService => Streams.NamesService;

    /// <summary>Reads what a check asks for.</summary>
    /// <exception cref="SelectorException">The selector cannot tell two versions apart, or the pipeline is none.</exception>
    public static LogQuery Parse(LogsCheckSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new LogQuery(SelectorTemplate.ParseStreams(spec.Streams), Pipeline(spec.Lines ?? ""), spec.Over);
    }

    /// <summary>The question how many lines were picked.</summary>
    /// <param name="arm">The version.</param>
    /// <param name="namespaceLabel">The label that is held to the Rollout's namespace; null for none.</param>
    public string Picked(ArmIdentity arm, string? namespaceLabel) => Count($"{Streams.Render(arm, namespaceLabel)} {_lines}".TrimEnd());

    /// <summary>The question how many lines there were.</summary>
    /// <param name="arm">The version.</param>
    /// <param name="namespaceLabel">The label that is held to the Rollout's namespace; null for none.</param>
    public string All(ArmIdentity arm, string? namespaceLabel) => Count(Streams.Render(arm, namespaceLabel));

    /// <summary>Reads a question that was made from this: the streams that it asks for, and whether only lines are counted that were picked.</summary>
    internal (SelectorTemplate Streams, bool Picked)? Read(string question)
    {
        var picked = _lines.Length > 0 && question.EndsWith($"}} {_lines} {_over}{After}", StringComparison.Ordinal);
        var end = picked ? $" {_lines} {_over}{After}" : $" {_over}{After}";
        if (!question.StartsWith(Before, StringComparison.Ordinal) || !question.EndsWith(end, StringComparison.Ordinal))
            return null;
        var streams = question[Before.Length..^end.Length];
        // No pipeline ends with a brace: what does is streams alone.
        return streams.EndsWith('}') ? (new SelectorParser(streams).ParseStreams(), picked) : null;
    }

    private string Count(string lines) => $"{Before}{lines} {_over}{After}";

    private static string Pipeline(string text)
    {
        if (text.Length > MaxLength)
            throw new SelectorException($"The pipeline has {text.Length} characters, more than {MaxLength}.");
        if (text.Trim() is { Length: > 0 } written && written[0] is not ('|' or '!'))
            throw new SelectorException("The pipeline is wrong at character 1: it begins with a filter, such as |= \"ERROR\".");
        var quote = '\0';
        for (var at = 0; at < text.Length; at++)
        {
            if (quote == '\0' && text[at] is '"' or '`')
                quote = text[at];
            else if (quote == '"' && text[at] == '\\')
                at++;
            else if (quote != '\0' && text[at] == quote)
                quote = '\0';
            else if (char.IsControl(text[at]) || (quote == '\0' && !Allowed.Contains(text[at])))
                throw new SelectorException($"The pipeline is wrong at character {at + 1}: outside of quotes, filters, parsers and comparisons of labels are allowed, such as |= \"ERROR\" | json | level=\"error\".");
        }

        return quote == '\0' ? text : throw new SelectorException("The pipeline is wrong at its end: a quote is not closed.");
    }
}
