using System.Net;
using LanguageExt;

namespace Cmsa.Benchmarks.Figures;

/// <summary>All figures of a run of <c>cmsa bench</c>.</summary>
/// <param name="Machine">On what it ran.</param>
/// <param name="Rate">Multiply-adds a second of a plain product.</param>
/// <param name="Comparisons">The trials of each comparison.</param>
/// <param name="Growths">How times grow.</param>
public sealed record Page(string Machine, double Rate, Many<Many<Tried>> Comparisons, Many<Growth> Growths)
{
    /// <summary>One HTML file that needs no other.</summary>
    public string ToHtml() =>
        $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>cmsa bench</title><style>{Style}</style></head><body><main>
            <h1>As written, fused, optimised</h1><p>{Text(Machine)}</p>
            {string.Concat(Comparisons.Map(Section))}
            {string.Concat(
                Growths.Map(g =>
                    $"<section><h2>Growth with the number of {Text(g.Of)}</h2>{Plots.Svg(g)}<ul>"
                        + string.Concat(Rows.Lines(g).Map(l => $"<li>{Text(l.Trim())}</li>"))
                        + "</ul></section>"
                )
            )}
            <p class="quiet">Memory is what the process held at its peak beyond the weights; predicted is what
            cmsa show says. A product is a plain one of two matrices of 2048 rows, in the same run. The
            factored softmax fell back to the stable way {FallBacks} in these comparisons.</p>
            </main></body></html>

            """;

    private string FallBacks
    {
        get
        {
            var times = Comparisons.Bind(c => c).Sum(Rows.Fallen);
            return times > 0 ? $"{times} times" : "never";
        }
    }

    private string Section(Many<Tried> tried) =>
        $"""
            <section><h2>{Text(tried.Head.Trial.Subject.Name)}</h2><table><thead><tr>{string.Concat(
                Rows.Headings.Map(h => $"<th>{h}</th>")
            )}</tr></thead><tbody>
            {string.Concat(tried.Map(t => Row(Rows.Cells(t, tried.Head.Median, Rate))))}</tbody></table>
            {string.Concat(
                (Rows.Sentence(tried).ToSeq() + Rows.Parts(tried).ToSeq() + Rows.FallBacks(tried).ToSeq()).Map(s =>
                    $"<p>{Text(s.Trim())}</p>"
                )
            )}</section>
            """;

    private static string Row(Many<string> cells) =>
        cells.Count < Rows.Headings.Count
            ? $"""<tr><td>{Text(cells[0])}</td><td>{Text(cells[1])}</td><td colspan="7" class="quiet">{Text(cells[2])}</td></tr>"""
            : $"<tr>{string.Concat(cells.Map(c => $"<td>{Text(c)}</td>"))}</tr>";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        body{margin:0;background:#f5f7fa;color:#1f2933;
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
        main{max-width:1100px;margin:0 auto;padding:30px 24px 50px}
        section{background:#fff;border:1px solid #e4e7eb;border-radius:12px;padding:16px 22px;margin:16px 0}
        h2{font-size:18px;margin:0 0 8px}
        svg text{font-family:inherit}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{text-align:right;padding:5px 9px;border-bottom:1px solid #e4e7eb}th{color:#616e7c}
        th:nth-child(-n+2),td:nth-child(-n+2),td[colspan]{text-align:left}.quiet{color:#616e7c}
        """;
}
