using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Scoring;
using static Cmsa.Experiments.Reports.Page;

namespace Cmsa.Experiments.Tables.Writing;

/// <summary>
/// A table as one HTML file that needs nothing else: its numbers, how each row learnt, and the same pictures answered
/// by every row.
/// </summary>
public static class TableHtml
{
    /// <summary>The whole text.</summary>
    public static string Of(Comparison comparison)
    {
        var grid = Grid.Of(comparison.Results);
        return Page.Of(
            grid.Title,
            "Referring image segmentation · rows of a table",
            Text(grid.Title),
            $"{Text(grid.Caption)}. Every row sees the same samples in the same order and starts from the same "
                + "numbers wherever it shares a parameter with another.",
            $"""
            <section><h2>The numbers</h2><table><thead><tr>{string.Concat(
                grid.Head.Map(h => $"<th>{Text(h)}</th>")
            )}</tr></thead><tbody>{string.Concat(grid.Lines.Map(Line))}</tbody></table>
            {string.Concat(grid.Notes.Map(n => $"<p class=\"note\">{Text(n)}</p>"))}{Missing(grid.Unfinished)}</section>
            <section><h2>How they learnt</h2><p class="note">The first seed.</p><div class="two"><div>{Chart.Svg(
                "Overall IoU on held-out samples",
                comparison.Learning
            )}</div>
            <div>{Chart.Svg("Loss per pixel (training)", comparison.Losses)}</div></div></section>
            <section><h2>The same pictures, every row</h2>
            <p class="note">The first held-out samples of each kind of expression; none were picked. The first seed.</p>{string.Concat(
                comparison.Gallery.Map(Shown)
            )}</section>
            """
        );
    }

    private static string Line(Many<string> cells) =>
        $"<tr>{string.Concat(cells.Map(c => $"<td>{Text(c)}</td>"))}</tr>";

    private static string Missing(Many<string> unfinished) =>
        unfinished.IsEmpty
            ? ""
            : $"<h3>Not finished</h3>{string.Concat(unfinished.Map(u => $"<p class=\"note\">{Text(u)}</p>"))}";

    private static string Shown(Compared of)
    {
        var (sample, picture) = (of.Sample, of.Sample.Picture);
        var answers = of.Answers.Map(a =>
        {
            var iou = Percent(Score.Of(a.Answer, sample.Truth).OverallIou);
            return Shot($"{a.Row} · {iou}", Painting.Overlay(picture, a.Answer));
        });
        return $"""
            <article class="row"><h3>“{Text(sample.Expression)}”</h3><p class="topic">{Text(sample.Topic)}</p>
            <div class="strip">{Shot("picture", picture)}{Shot("truth", Painting.Overlay(picture, sample.Truth))}
            {string.Concat(answers)}</div></article>
            """;
    }
}
