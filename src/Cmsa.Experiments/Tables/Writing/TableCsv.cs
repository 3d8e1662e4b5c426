using System.Globalization;
using LanguageExt;

namespace Cmsa.Experiments.Tables.Writing;

/// <summary>
/// A table as comma-separated values (RFC 4180), a line for each row and column, every number in full: for other
/// programs.
/// </summary>
public static class TableCsv
{
    private static readonly Many<string> head =
    [
        "table",
        "row",
        "key",
        "benchmark",
        "data",
        "split",
        "steps",
        "seeds",
        "iou_mean",
        "iou_deviation",
        "iou_by_seed",
        "crf_iou_mean",
        "crf_iou_deviation",
        "crf_iou_by_seed",
        "published",
        "published_confirmed",
        "published_source",
        "parameters",
        "multiply_adds",
        "multiply_adds_as_run",
        "training_seconds",
    ];

    /// <summary>The whole text; the first line names the columns.</summary>
    public static string Of(Results results) =>
        string.Concat(
            new[] { head }
                .Concat(
                    from row in results.Rows
                    from cell in row.Cells
                    let published = row.Row[cell.Column]
                    where row.Row.Model.IsSome || published.IsSome
                    select (Many<string>)
                        [
                            $"{results.Study.Table.Number}",
                            row.Row.Name,
                            row.Row.Key,
                            cell.Column.Benchmark.Name,
                            results.Study.NameOf(cell.Column.Benchmark),
                            cell.Column.Split,
                            $"{results.Study.Training.Iterations}",
                            $"{cell.Plain.Seeds.Count}",
                            .. Numbers(cell.Plain),
                            .. Numbers(cell.Refined),
                            Text(published.Map(p => p.Iou)),
                            published.Map(p => p.Confirmed ? "true" : "false").IfNone(""),
                            published.Map(p => p.Source).IfNone(""),
                            row.Expense.Map(e => $"{e.Parameters}").IfNone(""),
                            row.Expense.Map(e => $"{e.MultiplyAdds}").IfNone(""),
                            row.Expense.Map(e => $"{e.AsRun}").IfNone(""),
                            Text(row.Training.Map(t => Math.Round(t.TotalSeconds, 1))),
                        ]
                )
                .Select(line => string.Join(',', line.Map(Quoted)) + "\n")
        );

    private static Many<string> Numbers(Measured measured) =>
        [
            Text(measured.Mean),
            Text(measured.Spread),
            string.Join(' ', measured.Seeds.Map(s => s.ToString("R", CultureInfo.InvariantCulture))),
        ];

    private static string Text(Option<double> number) =>
        number.Map(n => n.ToString("R", CultureInfo.InvariantCulture)).IfNone("");

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
