namespace Cmsa.Experiments.Tables.Writing;

/// <summary>A table as Markdown.</summary>
public static class TableMarkdown
{
    /// <summary>The whole text.</summary>
    public static string Of(Results results)
    {
        var grid = Grid.Of(results);
        return $"""
                ### {grid.Title}

                {Escaped(grid.Caption)}.

                {Line(grid.Head)}
                |{string.Concat(grid.Head.Select((_, i) => i == 0 ? " --- |" : " ---: |"))}
                {string.Join('\n', grid.Lines.Map(Line))}

                {string.Join('\n', grid.Notes.Map(n => $"- {Escaped(n)}"))}
                {string.Join('\n', grid.Unfinished.Map(u => $"- not finished: {Escaped(u)}"))}
                """.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    private static string Line(Many<string> cells) => $"| {string.Join(" | ", cells.Map(Escaped))} |";

    private static string Escaped(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
}
