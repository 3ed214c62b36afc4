using System.Text;
using Spectre.Console;

namespace RolloutController.Cli.Output;

/// <summary>A table as kubectl prints it: columns as wide as they have to be, nothing cut, nothing behind the last.</summary>
/// <param name="head">The names of the columns; none for a table without.</param>
internal sealed class TextTable(params string[] head)
{
    private const string Gap = "   ";

    private readonly List<Cell[]> _rows = [];

    /// <summary>Adds a row.</summary>
    public void Add(params Cell[] cells) => _rows.Add(cells);

    /// <summary>The table as lines of markup.</summary>
    /// <param name="indent">What each line begins with.</param>
    public IEnumerable<string> Lines(string indent = "")
    {
        Cell[][] rows = head.Length == 0 ? [.. _rows] : [[.. head.Select(name => new Cell(name, Tone.Quiet))], .. _rows];
        if (rows.Length == 0)
            return [];
        var widths = Enumerable.Range(0, rows.Max(row => row.Length)).Select(column => rows.Max(row => column < row.Length ? row[column].Text.Length : 0)).ToArray();
        return rows.Select(row => Line(row, widths, indent));
    }

    private static string Line(Cell[] row, int[] widths, string indent)
    {
        var line = new StringBuilder(indent);
        var last = Array.FindLastIndex(row, cell => cell.Text.Length > 0);
        for (var column = 0; column <= last; column++)
        {
            var cell = row[column];
            line.Append(cell.Style is null ? Markup.Escape(cell.Text) : Tone.Paint(cell.Text, cell.Style));
            if (column < last)
                line.Append(' ', widths[column] - cell.Text.Length).Append(Gap);
        }

        return line.ToString();
    }
}

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Style">Its <see cref="Tone"/>; null for none.</param>
internal readonly record struct Cell(string Text, string? Style = null)
{
    /// <summary>A cell without a tone.</summary>
    public static implicit operator Cell(string text) => new(text);
}
