using System.Globalization;
using Cmsa.Dsl.Display;
using Cmsa.Experiments.Specs;
using Cmsa.Models.Tables;
using LanguageExt;
using Row = Cmsa.Models.Tables.Row;

namespace Cmsa.Experiments.Tables;

/// <summary>
/// Results as people read them: a head, lines of as many cells, and what has to be said beside them. Each way of
/// writing a table writes this. Of one column, ours and the published number stand side by side; of several, below one
/// another.
/// </summary>
/// <param name="Title">What the table is.</param>
/// <param name="Caption">How it was measured.</param>
/// <param name="Head">The names of the columns; the first is that of the rows.</param>
/// <param name="Lines">The lines.</param>
/// <param name="Notes">What is to be known beside it, a sentence each.</param>
/// <param name="Unfinished">What is still missing, a line each.</param>
public sealed record Grid(
    string Title,
    string Caption,
    Many<string> Head,
    Many<Many<string>> Lines,
    Many<string> Notes,
    Many<string> Unfinished
)
{
    /// <summary>Results, to be written.</summary>
    public static Grid Of(Results results)
    {
        var (study, columns) = (results.Study, results.Study.Columns);
        var data = columns.Map(c => c.Benchmark).Distinct().Map(Counted);
        var seeds = study.Seeds == 1 ? "one seed" : $"mean ± standard deviation of {study.Seeds} seeds";
        var samples = study.Training.Batch * study.Training.Accumulate;
        var steps = $"{Amounts.Exact(study.Training.Iterations)} steps{(samples > 1 ? $" of {samples} samples" : "")}";
        return new(
            $"Table {study.Table.Number}: {study.Table.Title}",
            $"Overall IoU in % on {string.Join(", ", data)}; {seeds}; {steps} a row",
            [
                "",
                .. columns is [_]
                    ? (Many<string>)
                    [
                        "ours",
                        .. study.Crf ? ["ours, CRF"] : (Many<string>)[],
                        .. HasOther(results) ? [$"ours, {Other(study)}"] : (Many<string>)[],
                        "published",
                    ]
                    : columns.Map(c => $"{c}"),
                "parameters",
                "multiply-adds",
                "as run",
                "training",
            ],
            columns is [var only]
                ? results.Rows.Map(r => Single(r, only, study.Crf, HasOther(results)))
                : results.Rows.Bind(r => Several(r, study, HasOther(results))),
            Remarks(results),
            results.Unfinished.Map(u => $"{u.Job}: {u.State}")
        );

        string Counted(Benchmark benchmark)
        {
            var splits = columns.Filter(c => c.Benchmark == benchmark).Map(c => $"{c.Split}: {Count(results, c)}");
            return $"{study.NameOf(benchmark)} ({string.Join(", ", splits)})";
        }
    }

    private static string Count(Results results, Column column) =>
        results.Samples.Find(s => s.Column == column).Map(s => Amounts.Exact(s.Samples)).IfNone("0");

    private static Many<string> Single(ResultRow row, Column column, bool crf, bool hasOther) =>
        [
            row.Row.Name,
            $"{row.Cells.Head.Plain}",
            .. crf ? [$"{row.Cells.Head.Refined}"] : (Many<string>)[],
            .. hasOther ? [$"{row.Cells.Head.Other}"] : (Many<string>)[],
            Published(row.Row, column),
            .. Costs(row),
        ];

    private static Many<Many<string>> Several(ResultRow row, Study study, bool hasOther) =>
        [
            .. row.Row.Model.IsSome
                ?
                [
                    [row.Row.Name, .. row.Cells.Map(c => $"{c.Plain}"), .. Costs(row)],
                ]
                : (Many<Many<string>>)[],
            .. row.Row.Model.IsSome && study.Crf
                ?
                [
                    [$"{row.Row.Name}, CRF", .. row.Cells.Map(c => $"{c.Refined}"), "", "", "", ""],
                ]
                : (Many<Many<string>>)[],
            .. row.Row.Model.IsSome && hasOther
                ?
                [
                    [$"{row.Row.Name}, {Other(study)}", .. row.Cells.Map(c => $"{c.Other}"), "", "", "", ""],
                ]
                : (Many<Many<string>>)[],
            .. row.Row.Numbers.IsEmpty
                ? (Many<Many<string>>)[]
                :
                [
                    [$"{row.Row.Name}, published", .. row.Cells.Map(c => Published(row.Row, c.Column)), "", "", "", ""],
                ],
        ];

    private static bool HasOther(Results results) =>
        results.Rows.Exists(r => r.Cells.Exists(c => !c.Other.Seeds.IsEmpty));

    // The way to bring answers to the picture's size that is not the study's own.
    private static string Other(Study study) =>
        study.Training.Protocol.Answers == AnswerRule.ResizedLogits ? "answers as released" : "answers as usual";

    private static Many<string> Costs(ResultRow row) =>
        [
            row.Expense.Map(e => Amounts.Rounded(e.Parameters)).IfNone(""),
            row.Expense.Map(e => Amounts.Rounded(e.MultiplyAdds)).IfNone(""),
            row.Expense.Map(e => Amounts.Rounded(e.AsRun)).IfNone(""),
            row.Training.Map(Time).IfNone(""),
        ];

    private static string Published(Row row, Column column) => row[column].Map(n => $"{n}").IfNone("");

    private static string Time(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00} h" : $"{time.Minutes}:{time.Seconds:00} min";

    private static string OfSeeds(Results results, Column column) =>
        results
            .AgreementOfSeeds(column)
            .Map(a =>
                string.Create(CultureInfo.InvariantCulture, $"; of each seed alone, from {a.Least:0.00} to {a.Greatest:0.00}")
            )
            .IfNone("");

    // Rows that were evaluated before samples were kept have no place in these: said, not left out in silence.
    private static Many<string> Differences(Results results)
    {
        var found = results.Study.Columns.Bind(results.Differences);
        var without = results.Rows.Filter(r => r.Cells.Exists(c => !c.Last.Seeds.IsEmpty && c.Each.IsEmpty));
        return
        [
            .. found.Map(Sentence),
            .. found.IsEmpty
                ? (Many<string>)[]
                : ["95 %: of paired draws of the samples; how far another seed would move a row is not in it"],
            .. without.IsEmpty
                ? (Many<string>)[]
                :
                [
                    $"no differences of {string.Join(", ", without.Map(r => r.Row.Name))}: evaluated before samples were kept; "
                        + "remove evaluation-*.json of their runs to evaluate them again",
                ],
        ];
    }

    private static string Sentence(Neighbours pair)
    {
        var d = pair.Difference;
        var verdict = d.IsReal ? "real" : "may be chance";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{pair.Row.Name} less {pair.Above.Name} ({pair.Column}): {Signed(d.Points)} points, "
                + $"95 % from {Signed(d.Low)} to {Signed(d.High)}: {verdict}"
        );
    }

    private static string Signed(double points) => points.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);

    // What the released way to score would change, beside every published number.
    private static Many<string> Otherwise(Results results)
    {
        var changes = results.Rows.Bind(r =>
            r.Cells.Choose(c => from own in c.Last.Mean from other in c.Other.Mean select other - own)
        );
        return changes.IsEmpty
            ? []
            :
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Other(results.Study)}: the same logits, {Way(results.Study)}; less ours, "
                        + $"from {Signed(changes.Min())} to {Signed(changes.Max())} points"
                ),
            ];
    }

    private static string Way(Study study) =>
        study.Training.Protocol.Answers == AnswerRule.ResizedLogits
            ? "thresholded first and resized as a mask, as the released code does"
            : "resized first and thresholded at the picture's size";

    private static Many<string> Remarks(Results results)
    {
        var shown = results.Rows.Bind(r => r.Cells.Choose(c => r.Row[c.Column]));
        return
        [
            .. results.Study.Columns.Choose(c =>
                results
                    .Agreement(c)
                    .Map(a =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Kendall's tau between our order and the published one: {a.Tau:0.00} ({c}, {a.Rows} rows){OfSeeds(results, c)}"
                        )
                    )
            ),
            .. Differences(results),
            .. Otherwise(results),
            .. results.Study.Backbone.Map(b => $"backbones start from {b}").ToMany(),
            .. shown.IsEmpty
                ? (Many<string>)[]
                :
                [
                    $"published: on {string.Join(", ", results.Study.Columns.Map(c => c.Benchmark.Name).Distinct())}, after DenseCRF",
                ],
            .. shown.Map(n => $"{(n.Confirmed ? "" : "* ")}{n.Source}").Distinct(),
            .. results.Rows.Exists(r => r.Expense.IsSome)
                ? ["multiply-adds: of one sample, as the model is written; as run: after rewriting"]
                : (Many<string>)[],
        ];
    }
}
