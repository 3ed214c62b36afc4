using System.Text;

namespace RolloutController.Tests.Chart;

/// <summary>
/// The values of the chart as tables in Markdown, made of the comments of <c>values.yaml</c>: <c>## Title</c> begins a table, and the comment right before a
/// value is what it says there.
/// </summary>
internal sealed class ValuesTable
{
    private readonly List<(string Title, List<Row> Rows)> _tables = [];
    private readonly Stack<(int Indent, string Key)> _path = new();
    private readonly List<string> _comment = [];

    private sealed record Row(string Path, string Default, string Description);

    private ValuesTable()
    {
    }

    /// <summary>Makes the tables.</summary>
    /// <param name="values">The text of <c>values.yaml</c>.</param>
    public static string Of(string values)
    {
        var table = new ValuesTable();
        foreach (var line in values.Split('\n'))
            table.Read(line.TrimEnd(), line.Length - line.TrimStart().Length);
        return table.Write();
    }

    private void Read(string line, int indent)
    {
        var text = line.Trim();
        if (text.StartsWith("## ", StringComparison.Ordinal))
            _tables.Add((text[3..], []));
        else if (text.StartsWith("# ", StringComparison.Ordinal))
            _comment.Add(text[2..]);
        else if (text.Length > 0 && text[0] != '-' && text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            ReadValue(text[..colon], text[(colon + 1)..].Trim(), indent);
        else
            _comment.Clear();
    }

    private void ReadValue(string key, string value, int indent)
    {
        while (_path.TryPeek(out var above) && above.Indent >= indent)
            _path.Pop();
        _path.Push((indent, key));
        if (_comment.Count > 0)
            _tables[^1].Rows.Add(new Row(string.Join('.', _path.Reverse().Select(part => part.Key)), value, string.Join(' ', _comment)));
        _comment.Clear();
    }

    private string Write()
    {
        var text = new StringBuilder();
        foreach (var (title, rows) in _tables)
        {
            text.Append("### ").Append(title).Append("\n\n| Value | Default | What it is |\n|---|---|---|\n");
            foreach (var row in rows)
                text.Append("| `").Append(row.Path).Append("` | ").Append(Default(row, rows)).Append(" | ").Append(row.Description.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
            text.Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>What takes several lines is not repeated, and what has rows of its own has its defaults there.</summary>
    private static string Default(Row row, List<Row> rows) => row.Default switch
    {
        "" when rows.Exists(other => other.Path.StartsWith($"{row.Path}.", StringComparison.Ordinal)) => "",
        "" => "see `values.yaml`",
        var value => $"`{value}`",
    };
}
