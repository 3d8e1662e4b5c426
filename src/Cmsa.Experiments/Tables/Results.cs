using System.Globalization;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>A number measured from several seeds: overall IoU, in percent.</summary>
/// <param name="Seeds">One for each seed that is done.</param>
public sealed record Measured(Many<double> Seeds)
{
    /// <summary>The mean; none where nothing is done.</summary>
    public Option<double> Mean => Seeds.IsEmpty ? None : Seeds.Average();

    /// <summary>The standard deviation of a seed, estimated from these; none of fewer than two.</summary>
    public Option<double> Spread =>
        Seeds.Count < 2
            ? None
            : Mean.Map(mean => Math.Sqrt(Seeds.Sum(s => (s - mean) * (s - mean)) / (Seeds.Count - 1)));

    /// <summary>Such as <c>50.12 ± 0.31</c>; empty where nothing is done.</summary>
    public override string ToString() =>
        Mean.Map(m => m.ToString("0.00", CultureInfo.InvariantCulture)).IfNone("")
        + Spread.Map(s => $" ± {s.ToString("0.00", CultureInfo.InvariantCulture)}").IfNone("");
}

/// <summary>What a row scores in a column.</summary>
/// <param name="Column">The column.</param>
/// <param name="Plain">The model's own answers.</param>
/// <param name="Refined">Its answers with the CRF behind them; nothing where that was not asked for.</param>
/// <param name="Other">
/// What stands last of these, where logits are brought to the picture's size in the way that is not the study's own;
/// nothing where that was not measured.
/// </param>
/// <param name="Each">What stands last, sample by sample, for each seed; empty where samples were not kept.</param>
public sealed record ResultCell(
    Column Column,
    Measured Plain,
    Measured Refined,
    Measured Other,
    Many<Many<SampleScore>> Each
)
{
    /// <summary>What is compared with published numbers: with the CRF where that was asked for.</summary>
    public Measured Last => Refined.Seeds.IsEmpty ? Plain : Refined;
}

/// <summary>A row less the one above it, in a column.</summary>
/// <param name="Column">The column.</param>
/// <param name="Row">The row.</param>
/// <param name="Above">The next row above that was measured.</param>
/// <param name="Difference">By how much the row is better, and how sure that is.</param>
public sealed record Neighbours(Column Column, Row Row, Row Above, Difference Difference);

/// <summary>What a model takes to run.</summary>
/// <param name="Parameters">Numbers that it learns or was given.</param>
/// <param name="MultiplyAdds">Of one sample, as the model is written.</param>
/// <param name="AsRun">Of one sample, after rewriting.</param>
public sealed record Expense(long Parameters, long MultiplyAdds, long AsRun)
{
    /// <summary>Of a model at some sizes; none where it does not fit.</summary>
    public static Option<Expense> Of(Layer model, InputSpec inputs) =>
        model
            .At(inputs)
            .Match(
                Succ: graph =>
                    Some(
                        new Expense(
                            graph.ParameterCount,
                            graph.MultiplyAdds,
                            GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false).MultiplyAdds
                        )
                    ),
                Fail: _ => None
            );
}

/// <summary>A row as it was measured.</summary>
/// <param name="Row">The row.</param>
/// <param name="Cells">One for each column of the study.</param>
/// <param name="Expense">What its model takes; none for a row without a model.</param>
/// <param name="Training">How long its training took, the mean over all that are done.</param>
public sealed record ResultRow(Row Row, Many<ResultCell> Cells, Option<Expense> Expense, Option<TimeSpan> Training);

/// <summary>
/// A table as far as it is measured: rows, columns and seeds. What it looks like is said elsewhere, a way of showing it
/// a file.
/// </summary>
/// <param name="Study">What was asked.</param>
/// <param name="Rows">The rows, in the paper's order.</param>
/// <param name="Unfinished">Jobs that are not done, and how far each is.</param>
/// <param name="Samples">How many samples each column has.</param>
public sealed record Results(
    Study Study,
    Many<ResultRow> Rows,
    Many<(Job Job, string State)> Unfinished,
    Many<(Column Column, int Samples)> Samples
)
{
    /// <summary>The table as it stands in the runs' folders; nothing is run.</summary>
    /// <param name="study">What was asked.</param>
    /// <param name="jobs">Its jobs.</param>
    /// <param name="runs">The folder of the runs.</param>
    public static Either<Error, Results> Of(Study study, Many<Job> jobs, string runs) =>
        jobs.Fold(
                Right<Error, Many<(Job Job, Option<RunFolder> Run)>>([]),
                (so, job) => so.Bind(found => RunFolder.Find(runs, job.Experiment).Map(run => found.Add((job, run))))
            )
            .Map(all =>
                all.Map(a => (a.Job, a.Run, Done: a.Run.Bind(run => StudyRunner.Finished(run, a.Job, study.Crf))))
            )
            .Map(all => new Results(
                study,
                study.Table.Rows.Map(row =>
                    Of(study, row, all.Filter(a => a.Job.Row == row).Map(a => (a.Job, a.Done)))
                ),
                all.Filter(a => a.Done.IsNone).Map(a => (a.Job, State(a.Job, a.Run))),
                study.Columns.Choose(c =>
                    jobs.Find(j => j.Benchmark == c.Benchmark).Map(j => (c, j.Data.Count(c.Split)))
                )
            ));

    private static ResultRow Of(
        Study study,
        Row row,
        Many<(Job Job, Option<Many<Answered>> Done)> jobs
    )
    {
        var done = jobs.Choose(j => j.Done.Map(results => (j.Job, Results: results)));
        return new(
            row,
            study.Columns.Map(CellOf),
            jobs.IsEmpty ? None : Expense.Of(jobs.Head.Job.Experiment.Model, jobs.Head.Job.Experiment.Inputs),
            done.IsEmpty ? None : TimeSpan.FromSeconds(done.Average(d => d.Results.Head.Result.Seconds))
        );

        ResultCell CellOf(Column column)
        {
            var own = study.Training.Protocol.Answers;
            var all = done.Filter(d => d.Job.Benchmark == column.Benchmark)
                .Bind(d => d.Results.Filter(r => r.Split == column.Split));
            var last = all.Filter(r => r.Crf == study.Crf);
            var each = last.Filter(r => r.Answers == own).Map(r => r.Result.Scores.Each);
            return new(
                column,
                Scored(all.Filter(r => !r.Crf && r.Answers == own)),
                Scored(all.Filter(r => r.Crf && r.Answers == own)),
                Scored(last.Filter(r => r.Answers != own)),
                each.Exists(e => e.IsEmpty) ? [] : each
            );
        }

        static Measured Scored(Many<Answered> answered) =>
            new(answered.Map(a => 100 * a.Result.Scores.Total.OverallIou));
    }

    /// <summary>
    /// How sure the differences between neighbouring rows are: each measured row against the next one above it, by a
    /// paired bootstrap over the samples. Rows whose samples were not kept are left out.
    /// </summary>
    /// <param name="column">The column.</param>
    public Many<Neighbours> Differences(Column column)
    {
        var measured = Rows.Choose(r => r.Cells.Find(c => c.Column == column).Filter(c => !c.Each.IsEmpty).Map(c => (r.Row, c.Each)));
        return measured
            .Zip(measured.Skip(1), (above, row) => (Above: above, Row: row))
            .ToMany()
            .Choose(pair =>
                Bootstrap
                    .Paired(pair.Row.Each, pair.Above.Each)
                    .Map(difference => new Neighbours(column, pair.Row.Row, pair.Above.Row, difference))
            );
    }

    /// <summary>
    /// The least and the greatest agreement of the seeds, each taken alone; none where there are fewer than two that are
    /// done in every row.
    /// </summary>
    /// <param name="column">The column.</param>
    public Option<(double Least, double Greatest)> AgreementOfSeeds(Column column)
    {
        var pairs = Rows.Choose(r =>
            from ours in r.Cells.Find(c => c.Column == column).Map(c => c.Last.Seeds).Filter(s => !s.IsEmpty)
            from theirs in r.Row[column]
            select (Ours: ours, Theirs: theirs.Iou)
        );
        var seeds = pairs.IsEmpty ? 0 : pairs.Min(p => p.Ours.Count);
        if (seeds < 2 || pairs.Exists(p => p.Ours.Count != seeds))
            return None;
        var taus = Many.Range(seeds).Choose(seed => Kendall.Tau(pairs.Map(p => (p.Ours[seed], p.Theirs))));
        return taus.IsEmpty ? None : Some((taus.Min(), taus.Max()));
    }

    private static string State(Job job, Option<RunFolder> run) =>
        run.Bind(r => r.At)
            .Match(
                at =>
                    at.Step < job.Experiment.Training.Iterations
                        ? $"step {at.Step} of {job.Experiment.Training.Iterations}"
                        : "trained, not evaluated",
                () => "not begun"
            );

    /// <summary>
    /// How far the rows' order in a column agrees with the published one, and over how many rows; none where fewer than
    /// two have both numbers. It compares what stands last: with the CRF where that was asked for.
    /// </summary>
    public Option<(double Tau, int Rows)> Agreement(Column column)
    {
        var pairs = Rows.Choose(r =>
            from ours in r.Cells.Find(c => c.Column == column).Bind(c => c.Last.Mean)
            from theirs in r.Row[column]
            select (ours, theirs.Iou)
        );
        return Kendall.Tau(pairs).Map(tau => (tau, pairs.Count));
    }
}
