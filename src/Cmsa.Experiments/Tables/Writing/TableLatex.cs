namespace Cmsa.Experiments.Tables.Writing;

/// <summary>A table as LaTeX; it needs the package booktabs.</summary>
public static class TableLatex
{
    /// <summary>The whole text: a table environment.</summary>
    public static string Of(Results results)
    {
        var grid = Grid.Of(results);
        return $$"""
                % \usepackage{booktabs}
                \begin{table}
                  \centering
                  \caption{{{Escaped(grid.Title)}}. {{Escaped(grid.Caption)}}.}
                  \begin{tabular}{l{{new string('r', grid.Head.Count - 1)}}}
                    \toprule
                    {{Line(grid.Head)}}
                    \midrule
                    {{string.Join("\n    ", grid.Lines.Map(Line))}}
                    \bottomrule
                  \end{tabular}
                  % {{string.Join("\n  % ", grid.Notes + grid.Unfinished.Map(u => $"not finished: {u}"))}}
                \end{table}
                """.ReplaceLineEndings("\n") + "\n";
    }

    private static string Line(Many<string> cells) => $"{string.Join(" & ", cells.Map(Escaped))} \\\\";

    private static string Escaped(string text) =>
        string.Concat(
            text.Select(c =>
                c switch
                {
                    '±' => "$\\pm$",
                    '*' => "$^{*}$",
                    '\\' => "\\textbackslash{}",
                    '~' or '^' => $"\\{c}{{}}",
                    '%' or '&' or '_' or '#' or '$' or '{' or '}' => $"\\{c}",
                    _ => $"{c}",
                }
            )
        );
}
