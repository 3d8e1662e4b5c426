namespace Cmsa.Experiments.Tables.Writing;

/// <summary>A table for a terminal: columns of blanks, no line wrapped.</summary>
public static class TableText
{
    /// <summary>The lines; the second and the one with the columns' names are headings.</summary>
    public static Many<(string Text, bool IsHeading)> Of(Results results)
    {
        var grid = Grid.Of(results);
        var widths = Many.Range(grid.Head.Count)
            .Map(i => grid.Lines.Map(l => l[i].Length).Append(grid.Head[i].Length).Max());
        return
        [
            (grid.Title, true),
            (grid.Caption, false),
            ("", false),
            (Line(grid.Head, widths), true),
            .. grid.Lines.Map(l => (Line(l, widths), false)),
            ("", false),
            .. grid.Notes.Map(n => (n, false)),
            .. grid.Unfinished.IsEmpty
                ? (Many<(string, bool)>)[]
                : [("not finished:", true), .. grid.Unfinished.Map(u => ($"  {u}", false))],
        ];
    }

    // The first column stands on the left, numbers on the right.
    private static string Line(Many<string> cells, Many<int> widths) =>
        string.Join("  ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))
            .TrimEnd();
}
