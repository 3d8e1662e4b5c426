using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>A sample and what each row answers.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Answers">The answers by the rows' names.</param>
public sealed record Compared(Sample Sample, Many<(string Row, BinaryMask Answer)> Answers);

/// <summary>
/// What a table's numbers do not show: how each row learnt, and what each answers to the same pictures. Of the first
/// data set and the first seed.
/// </summary>
/// <param name="Results">The numbers.</param>
/// <param name="Learning">Overall IoU of the validations on the way, over the steps, a curve a row.</param>
/// <param name="Losses">The training loss over the steps, a curve a row.</param>
/// <param name="Gallery">The first few samples of each kind of expression.</param>
public sealed record Comparison(Results Results, Many<Curve> Learning, Many<Curve> Losses, Many<Compared> Gallery)
{
    private const int PerTopic = 2;

    /// <summary>The comparison of the rows that are done.</summary>
    /// <param name="results">The numbers.</param>
    /// <param name="jobs">The study's jobs.</param>
    /// <param name="runs">The folder of the runs.</param>
    /// <param name="device">Where models answer.</param>
    public static Either<Error, Comparison> Of(Results results, Many<Job> jobs, string runs, string device = "cpu") =>
        jobs.Filter(j => j.Experiment.Seed == 0 && j.Benchmark == jobs.Head.Benchmark)
            .Fold(
                Right<Error, Many<(Job Job, RunFolder Run)>>([]),
                (so, job) =>
                    so.Bind(found =>
                        RunFolder
                            .Find(runs, job.Experiment)
                            .Map(run =>
                                run.Filter(r => File.Exists(r.WeightsFile)).Match(r => found.Add((job, r)), () => found)
                            )
                    )
            )
            .Bind(all =>
                Shown(all, results.Study.Crf, device)
                    .Map(gallery => new Comparison(results, Curves(all, "overall_iou"), Curves(all, "loss"), gallery))
            );

    private static Many<Curve> Curves(Many<(Job Job, RunFolder Run)> all, string name) =>
        all.Select(
                (a, i) =>
                    new Curve(a.Job.Row.Name, Chart.Colours[i % Chart.Colours.Count], Log.Series(a.Run.LogFile, name))
            )
            .Where(c => c.Points.Count > 0)
            .ToMany();

    private static Either<Error, Many<Compared>> Shown(Many<(Job Job, RunFolder Run)> all, bool crf, string device)
    {
        if (all.IsEmpty)
            return Many.Create<Compared>([]);
        var samples = Report.Samples(all.Head.Job.Data, all.Head.Job.Splits.Head, PerTopic).ToArray();
        return all.Fold(
                Right<Error, Many<(string Row, IReadOnlyList<BinaryMask> Masks)>>([]),
                (so, next) =>
                    so.Bind(found =>
                        next.Run.Model(new(Device: device))
                            .Map(module =>
                            {
                                using (module)
                                    return found.Add(
                                        (
                                            next.Job.Row.Name,
                                            ModelAnswer.Of(
                                                module,
                                                next.Run.Experiment,
                                                next.Run.Vocabulary,
                                                StudyRunner.Ways(crf)[^1]
                                            )(samples)
                                        )
                                    );
                            })
                    )
            )
            .Map(answers =>
                samples.Select((sample, i) => new Compared(sample, answers.Map(a => (a.Row, a.Masks[i])))).ToMany()
            );
    }
}
