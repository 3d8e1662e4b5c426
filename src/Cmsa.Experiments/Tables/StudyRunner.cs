using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>
/// Runs what a study still lacks: trains its jobs one after the other, evaluates each, and keeps everything in the
/// runs' folders.
/// </summary>
/// <param name="Runs">The folder of the runs.</param>
/// <param name="Crf">Whether answers are also scored with the paper's CRF behind them.</param>
/// <param name="Device">Where: <c>cpu</c>, <c>cuda</c>.</param>
/// <param name="Progress">Told what happens, on the training thread.</param>
/// <param name="Stop">Cancelled to stop after the step at hand, or in a validation, with a checkpoint.</param>
public sealed record StudyRunner(
    string Runs,
    bool Crf = false,
    string Device = "cpu",
    IProgress<StudyProgress>? Progress = null,
    CancellationToken Stop = default
)
{
    /// <summary>
    /// How answers are scored: as they are and, where that is asked for, with the paper's CRF behind them.
    /// </summary>
    public static Many<Option<DenseCrf>> Ways(bool crf) => crf ? [None, Some(new DenseCrf())] : [None];

    /// <summary>
    /// Runs those that have not been finished; stops at the first that fails. An interruption is
    /// <see cref="Failures.Interrupted"/>.
    /// </summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="only">The number of the one that is to be run, from 0; all if absent.</param>
    public Either<Error, Unit> Run(Many<Job> jobs, Option<int> only = default)
    {
        if (only.Exists(n => n < 0 || n >= jobs.Count))
            return new Error(
                $"there is no task {only.IfNone(0)}",
                Hint: $"the {jobs.Count} tasks are 0 to {jobs.Count - 1}"
            );
        var wanted = Many.Range(jobs.Count).Filter(i => only.ForAll(n => n == i));
        return wanted.Fold(
            Ready(wanted.Map(i => jobs[i])),
            (so, i) => so.Bind(_ => Run(jobs[i], i + 1, jobs.Count).MapLeft(wrong => In(jobs[i], wrong)))
        );
    }

    private static Error In(Job job, Error wrong) =>
        wrong == Failures.Interrupted ? wrong : wrong.At($"{job}: {wrong.Where}".TrimEnd(' ', ':'));

    /// <summary>
    /// An error where the backbone of a row that has not begun cannot start as it should: better told now than after
    /// the rows before it.
    /// </summary>
    /// <param name="jobs">The jobs that are to be run.</param>
    public Either<Error, Unit> Ready(Many<Job> jobs) =>
        jobs.Filter(j => j.Experiment.Backbone.IsSome)
            .DistinctBy(j => j.Row)
            .Aggregate(
                Right<Error, Unit>(unit),
                (so, job) =>
                    from before in so
                    from there in RunFolder.Find(Runs, job.Experiment)
                    from ready in there.Exists(run => run.HasBegun) ? Right<Error, Unit>(unit) : job.Experiment.Ready
                    select ready
            );

    private Either<Error, Unit> Run(Job job, int number, int of) =>
        RunFolder
            .Find(Runs, job.Experiment)
            .Bind(there => there.Exists(run => Finished(run, job, Crf).IsSome) ? unit : Work(job, number, of));

    private Either<Error, Unit> Work(Job job, int number, int of) =>
        from wanted in Stop.IsCancellationRequested ? Left<Error, Unit>(Failures.Interrupted) : unit
        from fits in job.Experiment.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
        from run in RunFolder.Create(Runs, job.Experiment, job.Data.Vocabulary)
        from trained in Trainer.Run(
            run,
            job.Data,
            Device,
            Progress is null
                ? null
                : new Relay<Progress>(p => Progress.Report(new StudyProgress.Training(job, number, of, p))),
            stop: Stop
        )
        from whole in trained.IsDone ? Right<Error, Unit>(unit) : Left(Failures.Interrupted)
        from scored in Evaluate(run, job, trained.At, number, of)
        select scored;

    /// <summary>
    /// What a table needs of a run, where all of it is there; beside it what is kept of the other way to bring logits to
    /// the picture's size.
    /// </summary>
    public static Option<Many<Answered>> Finished(RunFolder run, Job job, bool crf)
    {
        var found = job.Splits.Bind(split => AllWays(crf).Choose(way => Kept(run, job, split, way)));
        var own = run.Experiment.Training.Protocol.Answers;
        return found.Filter(a => a.Answers == own).Count == job.Splits.Count * Ways(crf).Count ? Some(found) : None;
    }

    private static Option<Answered> Kept(RunFolder run, Job job, string split, AnswerWay way) =>
        Evaluated
            .Read(run, split, way.Crf, way.Answers)
            .Filter(e => e.Step == job.Experiment.Training.Iterations)
            .Map(result => new Answered(split, way.Crf.IsSome, way.Answers, result));

    private Either<Error, Unit> Evaluate(RunFolder run, Job job, Checkpoint at, int number, int of) =>
        run.Model(new(Device: Device))
            .Bind(module =>
            {
                using (module)
                    return job
                        .Splits.Fold(
                            Right<Error, Many<Answered>>([]),
                            (so, split) =>
                                from before in so
                                from answered in Evaluate(run, job, at, number, of, module, split)
                                select before + answered
                        )
                        .Map(answered =>
                        {
                            var own = run.Experiment.Training.Protocol.Answers;
                            var scores = answered
                                .Filter(a => a.Answers == own)
                                .Map(a => (a.Split, a.Crf, a.Result.Scores.Total));
                            Progress?.Report(new StudyProgress.Finished(job, number, of, scores));
                            return unit;
                        });
            });

    // The model answers once, however many ways its answers are scored in.
    private Either<Error, Many<Answered>> Evaluate(
        RunFolder run,
        Job job,
        Checkpoint at,
        int number,
        int of,
        Compiled module,
        string split
    )
    {
        var kept = AllWays(Crf).Choose(way => Kept(run, job, split, way));
        var missing = AllWays(Crf)
            .Filter(way => !kept.Exists(k => k.Crf == way.Crf.IsSome && k.Answers == way.Answers));
        if (missing.IsEmpty)
            return kept;
        var telling = new Relay<double>(share =>
            Progress?.Report(new StudyProgress.Evaluating(job, number, of, split, Crf, share))
        );
        return Evaluation
            .OfEach(
                job.Data,
                split,
                missing.Count,
                ModelAnswer.OfEach(module, run.Experiment, run.Vocabulary, missing),
                progress: telling,
                stop: Stop
            )
            .Bind(scored =>
                missing
                    .Zip(scored, (way, scores) => (Way: way, Result: new Evaluated(scores, at.Step, at.Seconds)))
                    .Fold(
                        Right<Error, Many<Answered>>(kept),
                        (so, next) =>
                            from before in so
                            from written in next.Result.Write(run, next.Way.Crf, next.Way.Answers)
                            select before.Add(new(split, next.Way.Crf.IsSome, next.Way.Answers, written))
                    )
            );
    }

    private static Many<AnswerWay> AllWays(bool crf) =>
        Ways(crf).Bind(field => Enum.GetValues<AnswerRule>().ToMany().Map(rule => new AnswerWay(field, rule)));
}

/// <summary>What a run scores on a split, in one way.</summary>
/// <param name="Split">The split.</param>
/// <param name="Crf">Whether the CRF stands behind the answers.</param>
/// <param name="Answers">How logits became masks at the picture's size.</param>
/// <param name="Result">The scores.</param>
public sealed record Answered(string Split, bool Crf, AnswerRule Answers, Evaluated Result);
