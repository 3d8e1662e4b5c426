using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Learners;

/// <summary>
/// The folder of a learner's run: <c>learner.json</c> (all that its numbers depend on; code by its name),
/// <c>log.jsonl</c> (also as <c>log.csv</c> and as an event file of TensorBoard), <c>best.safetensors</c> (weights; with
/// <c>best-ema.safetensors</c>, their moving average, where the training keeps one), and <c>last.safetensors</c> (weights,
/// the optimizer's state, how far it has come) with the one before it. Every file is replaced as a whole.
/// </summary>
/// <param name="Path">Where it is.</param>
/// <param name="Learner">What it is a run of.</param>
public sealed record LearnerRun<A, B, T>(string Path, Learner<A, B, T> Learner)
{
    private const string Description = "learner.json";

    /// <summary>The files that every run has, whatever it trains.</summary>
    internal RunFiles Files => new(Path);

    /// <summary>What happened, a line of JSON each time.</summary>
    public string LogFile => Files.LogFile;

    /// <summary>The newest checkpoint.</summary>
    public string LastFile => Files.LastFile;

    /// <summary>The weights of the best validation.</summary>
    public string BestFile => Files.BestFile;

    /// <summary>
    /// The weights that the run answers with: those of the best validation, averaged where the training keeps an average,
    /// or the last where there was no validation.
    /// </summary>
    public string WeightsFile => Files.WeightsFile;

    /// <summary>How far the run has come, from its newest checkpoint; none where there is none that can be read.</summary>
    public Option<Checkpoint> At => Files.At;

    /// <summary>The best value of <see cref="Learner{A, B, T}.Decider"/> so far; none before the first validation.</summary>
    public Option<double> Best =>
        Files.Reached.Filter(at => at.BestStep > 0).Map(at => Learner.HigherIsBetter ? at.Best : -at.Best);

    /// <summary>
    /// The folder of a learner under <paramref name="runs"/>, made if it is not there. An error where the learner cannot be
    /// trained, or where the folder holds another one: nothing is overwritten then.
    /// </summary>
    /// <param name="runs">The folder of the runs.</param>
    /// <param name="learner">The learner.</param>
    public static Either<Error, LearnerRun<A, B, T>> Create(string runs, Learner<A, B, T> learner) =>
        from fits in learner.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
        let run = new LearnerRun<A, B, T>(Found(runs, learner), learner)
        from made in Failures.Try(run.Path, () => Directory.CreateDirectory(run.Path))
        from written in run.Files.Describe([(Description, learner.Json + "\n")])
        select run;

    /// <summary>
    /// The folder of a learner that is there under <paramref name="runs"/>; an error where the learner cannot be trained, or
    /// its training has not come to a checkpoint.
    /// </summary>
    /// <param name="runs">The folder of the runs.</param>
    /// <param name="learner">The learner.</param>
    public static Either<Error, LearnerRun<A, B, T>> Open(string runs, Learner<A, B, T> learner) =>
        from fits in learner.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
        let run = new LearnerRun<A, B, T>(Found(runs, learner), learner)
        from begun in run.Files.HasBegun
            ? Right<Error, Unit>(unit)
            : new Error($"there is no run of {learner.Folder} with a checkpoint", runs, "train it first")
        select run;

    // Another name of the same learner is the same run.
    private static string Found(string runs, Learner<A, B, T> learner) =>
        (Directory.Exists(runs) ? Directory.GetDirectories(runs, $"{learner.Hash}-*") : [])
            .Where(path => File.Exists(System.IO.Path.Combine(path, Description)))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault() ?? System.IO.Path.Combine(runs, learner.Folder);

    /// <summary>The model with the weights that the run answers with.</summary>
    /// <param name="options">How it is compiled; for inference on the CPU if not given.</param>
    public Either<Error, Compiled> Model(Options? options = null) =>
        Files.Model(() =>
            Learner
                .Model.Compile(Learner.Inputs, options)
                .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors)))
        );

    /// <summary>Measures the run's model on a split.</summary>
    /// <param name="split">The split; that of the validations if not given.</param>
    /// <param name="device">Where: <c>cpu</c>, <c>cuda</c>.</param>
    /// <param name="atMost">How many samples, the first ones; 0: all.</param>
    /// <param name="progress">Given the share that is done.</param>
    /// <param name="stop">Cancelled to give up.</param>
    public Either<Error, Scores> Evaluate(
        Option<string> split = default,
        string device = "cpu",
        int atMost = 0,
        IProgress<double>? progress = null,
        CancellationToken stop = default
    ) =>
        Model(new(Device: device))
            .Bind(module =>
            {
                using (module)
                    return LearnerScoring.Of(
                        Learner,
                        module,
                        split.IfNone(Learner.Data.Validation.Name),
                        atMost,
                        progress,
                        stop
                    );
            });
}
