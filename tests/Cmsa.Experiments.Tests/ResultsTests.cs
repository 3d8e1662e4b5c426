using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using Cmsa.Experiments.Tables;
using Cmsa.Experiments.Tables.Writing;
using Cmsa.Models.Tables;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;
using Snapshooter.Xunit;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tests;

public class ResultsTests
{
    private static readonly Column val = Benchmark.Unc["val"];

    // Numbers that somebody could have measured: two seeds for two rows, one for another, none for the rest.
    private static Results Numbers(Table table, Many<(Benchmark, DataSpec)> sources, bool crf)
    {
        var study = new Study(table, Tiny.Sizes, Tiny.Experiment(1000).Training, sources, Seeds: 2, Crf: crf);
        Many<Many<double>> seeds =
        [
            [40.25, 41.75],
            [43.5, 42.5],
            [38],
            [],
        ];
        return new(
            study,
            table.Rows.Map(row => Filled(row, table.Models.IndexOf(row))),
            [
                (
                    new Job(table.Models[^1], Benchmark.Unc, Tiny.Experiment(), Tiny.Data.Open().Right(), ["val"]),
                    "step 20 of 1000"
                ),
            ],
            study.Columns.Map(c => (c, 1000))
        );

        ResultRow Filled(Row row, int model) =>
            new(
                row,
                study
                    .Columns.Select((c, j) => new ResultCell(c, Of(model, j), crf ? Of(model, j + 1) : new([]), new([]), []))
                    .ToMany(),
                model < 0 ? None : new Expense(358_089 + model, 146_489_344, 91_648_384),
                model is 0 or 1 or 2 ? TimeSpan.FromSeconds(100 * (model + 1)) : None
            );

        Measured Of(int model, int shift) => new(model < 0 ? [] : seeds[Math.Min(model, 3)].Map(s => s + shift));
    }

    private static readonly Results three = Numbers(PaperTables.Three, [(Benchmark.Unc, Tiny.Data)], crf: true);
    private static readonly Results one = Numbers(
        PaperTables.One,
        [(Benchmark.Unc, Tiny.Data), (Benchmark.GRef, Tiny.Data with { Name = "scenes/gref" })],
        crf: false
    );

    [Fact]
    public void Neighbouring_rows_are_compared_and_what_cannot_be_is_said()
    {
        var results = Numbers(PaperTables.Three, [(Benchmark.Unc, Tiny.Data)], crf: false);
        var (first, second) = (results.Rows[0], results.Rows[1]);
        var kept = results with
        {
            Rows = results.Rows.Map(row =>
                row == first ? Sampled(row, 2)
                : row == second ? Sampled(row, 5)
                : row
            ),
        };
        var notes = Grid.Of(kept).Notes;
        Assert.Contains(
            $"{second.Row.Name} less {first.Row.Name} (UNC val): +30.00 points, 95 % from +30.00 to +30.00: real",
            notes
        );
        Assert.Contains(notes, note => note.StartsWith("no differences of Pixel attention", StringComparison.Ordinal));

        static ResultRow Sampled(ResultRow row, long both) =>
            row with
            {
                Cells = row.Cells.Map(c => c with { Each = [Many.Range(20).Map(i => new SampleScore(i, both, 10))] }),
            };
    }

    [Fact]
    public void A_table_of_one_column_is_read_like_this() =>
        Snapshot.Match(string.Join('\n', TableText.Of(three).Map(l => l.Text)));

    [Fact]
    public void A_table_of_several_columns_is_read_like_this() =>
        Snapshot.Match(string.Join('\n', TableText.Of(one).Map(l => l.Text)));

    [Fact]
    public void Markdown_is_written_like_this() => Snapshot.Match(TableMarkdown.Of(three));

    [Fact]
    public void Latex_is_written_like_this() => Snapshot.Match(TableLatex.Of(three));

    [Fact]
    public void Comma_separated_values_are_written_like_this() => Snapshot.Match(TableCsv.Of(one));

    [Fact]
    public void Means_and_spreads_are_those_of_a_textbook()
    {
        var measured = new Measured([2, 4, 4, 4, 5, 5, 7, 9]);
        Assert.Equal(5, measured.Mean.IfNone(0), 12);
        Assert.Equal(Math.Sqrt(32 / 7.0), measured.Spread.IfNone(0), 12);
        Assert.True(new Measured([3]).Spread.IsNone && new Measured([]).Mean.IsNone);
    }

    [Fact]
    public void Tau_is_that_of_the_literature()
    {
        // SciPy's documentation: kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) is -0.471404520791...
        Assert.Equal(-0.47140452079103173, Kendall.Tau([(12, 1), (2, 4), (1, 7), (12, 1), (2, 0)]).IfNone(0), 12);
        Assert.True(Kendall.Tau([(1, 2)]).IsNone && Kendall.Tau([(1, 2), (1, 3)]).IsNone);
    }

    [Property]
    public Property Tau_is_1_with_itself_and_turns_its_sign_when_an_order_is_turned() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<Tuple<NormalFloat, NormalFloat>[]>(),
            drawn =>
            {
                Many<(double Left, double Right)> pairs = [.. drawn.Select(d => (d.Item1.Get, d.Item2.Get))];
                return Kendall.Tau(pairs.Map(p => (p.Left, p.Left))).ForAll(t => Math.Abs(t - 1) < 1e-12)
                    && Kendall
                        .Tau(pairs)
                        .Match(
                            t => Kendall.Tau(pairs.Map(p => (p.Left, -p.Right))).Exists(u => Math.Abs(t + u) < 1e-12),
                            () => Kendall.Tau(pairs.Map(p => (p.Left, -p.Right))).IsNone
                        )
                    && Kendall.Tau(pairs).ForAll(t => t is >= -1 - 1e-12 and <= 1 + 1e-12);
            }
        );

    // With the CRF 42, 44 and 39 against 45.63, 47.01 and 47.84: one pair of three stands in the same order.
    [Fact]
    public void Agreement_is_over_the_rows_that_have_both_numbers()
    {
        var (tau, rows) = three.Agreement(val).IfNone((0, 0));
        Assert.Equal(-1 / 3.0, tau, 12);
        Assert.Equal(3, rows);
    }

    [Fact]
    public void A_report_has_every_row_s_curve_and_answers_and_needs_no_other_file()
    {
        using var folder = new Folder();
        var study = new Study(PaperTables.Three, Tiny.Sizes, Tiny.Experiment().Training, [(Benchmark.Unc, Tiny.Data)])
            .For(8)
            .Only(["none", "pairs", "all"])
            .Right();
        var jobs = study.Jobs().Right();
        new StudyRunner(folder.Path).Run(jobs).Right();
        var comparison = Comparison.Of(Results.Of(study, jobs, folder.Path).Right(), jobs, folder.Path).Right();
        Assert.Equal(study.Table.Models.Map(r => r.Name), comparison.Learning.Map(c => c.Name));
        Assert.NotEmpty(comparison.Gallery);
        Assert.All(
            comparison.Gallery,
            g => Assert.Equal(study.Table.Models.Map(r => r.Name), g.Answers.Map(a => a.Row))
        );
        var html = TableHtml.Of(comparison);
        Assert.Equal(comparison.Gallery.Count * (2 + 3), html.Split("data:image/png;base64,").Length - 1);
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
    }
}
