using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// Runs experiments. What a step does depends on the experiment and the step alone, so training that was cut off,
/// however rudely, goes on from its last checkpoint and ends bit for bit where it would have ended on the same
/// processor.
/// </summary>
public static class Trainer
{
    /// <summary>How many bytes kept features may take unless it is said otherwise: 20 GiB.</summary>
    public const long DefaultCache = 20L << 30;

    /// <summary>Trains an experiment, or goes on with it; one that is done is left as it is.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="runs">The folder under which its own stands.</param>
    /// <param name="device">Where: <c>cpu</c>, <c>cuda</c>.</param>
    /// <param name="progress">Told what happens, on the training thread.</param>
    /// <param name="steps">Stop after so many steps of this sitting; none: at the end.</param>
    /// <param name="effort">
    /// How far the model is rewritten first; it changes what rounding does, and no meaning.
    /// </param>
    /// <param name="cache">How many bytes the kept features of all runs may take on disk.</param>
    /// <param name="stop">Cancelled to stop after the step at hand, or in a validation, with a checkpoint.</param>
    public static Either<Error, Trained> Run(
        Experiment experiment,
        string runs,
        string device = "cpu",
        IProgress<Progress>? progress = null,
        Option<int> steps = default,
        OptimizationLevel effort = OptimizationLevel.All,
        long cache = DefaultCache,
        CancellationToken stop = default
    ) =>
        from fits in experiment.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
        from data in experiment.Data.Open()
        from folder in RunFolder.Create(runs, experiment, data.Vocabulary)
        from trained in Run(folder, data, device, progress, steps, effort, cache, stop)
        select trained;

    /// <summary>Trains in a folder that is there, on data that is open.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="data">Its data.</param>
    /// <param name="device">Where: <c>cpu</c>, <c>cuda</c>.</param>
    /// <param name="progress">Told what happens, on the training thread.</param>
    /// <param name="steps">Stop after so many steps of this sitting; none: at the end.</param>
    /// <param name="effort">
    /// How far the model is rewritten first; it changes what rounding does, and no meaning.
    /// </param>
    /// <param name="cache">How many bytes the kept features of all runs may take on disk.</param>
    /// <param name="stop">Cancelled to stop after the step at hand, or in a validation, with a checkpoint.</param>
    public static Either<Error, Trained> Run(
        RunFolder folder,
        IDataset data,
        string device = "cpu",
        IProgress<Progress>? progress = null,
        Option<int> steps = default,
        OptimizationLevel effort = OptimizationLevel.All,
        long cache = DefaultCache,
        CancellationToken stop = default
    ) =>
        Using(
            folder,
            data,
            device,
            progress,
            effort,
            cache,
            (loop, start) =>
                loop.Train(start, steps.Map(s => start.Step + s), stop)
                    .Map(end => new Trained(folder, end.At, end.IsDone, end.Waited, end.Skipped, end.Cut))
        );

    /// <summary>
    /// Trains a learner, a model of any kinds with its data and loss, or goes on with it; one that is done is left as it is.
    /// </summary>
    /// <param name="learner">The learner.</param>
    /// <param name="runs">The folder under which its own stands.</param>
    /// <param name="device">Where: <c>cpu</c>, <c>cuda</c>.</param>
    /// <param name="progress">Given what happens, on the training thread.</param>
    /// <param name="steps">Stop after so many steps of this call; none: at the end.</param>
    /// <param name="effort">How far the model is rewritten first; it changes what rounding does, and no meaning.</param>
    /// <param name="stop">Cancelled to stop after the step at hand, or in a validation, with a checkpoint.</param>
    public static Either<Error, Trained<A, B, T>> Run<A, B, T>(
        Learner<A, B, T> learner,
        string runs,
        string device = "cpu",
        IProgress<Progress>? progress = null,
        Option<int> steps = default,
        OptimizationLevel effort = OptimizationLevel.All,
        CancellationToken stop = default
    ) =>
        LearnerRun<A, B, T>
            .Create(runs, learner)
            .Bind(run =>
                SessionOf(run, device, progress, effort)
                    .Use<LearnerSamples<A, B, T>, Example, Scores, Trained<A, B, T>>(
                        module =>
                        {
                            var samples = new LearnerSamples<A, B, T>(learner, module);
                            return samples.Check().Map(_ => samples);
                        },
                        (module, samples) =>
                            (
                                (ITrainable<Example, Scores>)new LearnerTask<A, B, T>(learner, module, samples),
                                (ISampler)new Sampler(learner.Data.Training.Count, learner.Seed)
                            ),
                        (loop, start) =>
                            loop.Train(start, steps.Map(s => start.Step + s), stop)
                                .Map(end => new Trained<A, B, T>(run, end.At, end.IsDone, end.Waited, end.Skipped))
                    )
            );

    private static Options OptionsOf(Training training, ulong seed, string device, OptimizationLevel effort) =>
        new(Device: device, Precision: training.Precision, Training: true, Seed: seed, Optimise: effort);

    private static TrainingSession SessionOf<A, B, T>(
        LearnerRun<A, B, T> run,
        string device,
        IProgress<Progress>? progress,
        OptimizationLevel effort
    )
    {
        var learner = run.Learner;
        var options = OptionsOf(learner.Training, learner.Seed, device, effort);
        return new(
            run.Files,
            learner.Training,
            learner.Seed,
            learner.Columns,
            () =>
                learner
                    .Model.Compile(learner.Inputs, options)
                    .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors))),
            module => learner.Optimizer.Of(module, learner.Training),
            progress
        );
    }

    /// <summary>
    /// Takes a step at each of some rates, one after the other, in a folder without a checkpoint; nothing is validated or
    /// saved. It ends early where the loss is no number, or far above the least one.
    /// </summary>
    /// <param name="folder">The run.</param>
    /// <param name="data">Its data.</param>
    /// <param name="rates">The rates, rising.</param>
    /// <param name="device">Where: <c>cpu</c>, <c>cuda</c>.</param>
    /// <param name="progress">Told what happens, on the training thread.</param>
    /// <param name="effort">How far the model is rewritten first.</param>
    /// <param name="stop">Cancelled to stop after the step at hand.</param>
    public static Either<Error, RateSweep> Sweep(
        RunFolder folder,
        IDataset data,
        Many<double> rates,
        string device = "cpu",
        IProgress<Progress>? progress = null,
        OptimizationLevel effort = OptimizationLevel.All,
        CancellationToken stop = default
    ) => Using(folder, data, device, progress, effort, DefaultCache, (loop, _) => loop.Sweep(rates, stop));

    private static Either<Error, T> Using<T>(
        RunFolder folder,
        IDataset data,
        string device,
        IProgress<Progress>? progress,
        OptimizationLevel effort,
        long cache,
        Func<TrainingLoop<TrainingExample, Score>, Checkpoint, Either<Error, T>> use
    )
    {
        var experiment = folder.Experiment;
        var options = OptionsOf(experiment.Training, experiment.Seed, device, effort);
        var session = new TrainingSession(
            folder.Files,
            experiment.Training,
            experiment.Seed,
            LogColumns.Referring,
            () =>
                experiment
                    .Model.Compile(experiment.Inputs, options)
                    .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors))),
            module => new Adam(module, experiment.Training),
            progress
        );
        return session.Use<Option<BackboneReport>, TrainingExample, Score, T>(
            module => Begun(folder, module),
            (module, filled) =>
                from order in OrderOf(data, experiment, progress)
                from store in Kept(folder, module, cache, progress)
                let kept = store.IfNoneUnsafe((FeatureStore?)null)
                let task = (ITrainable<TrainingExample, Score>)new ReferringTask(folder, data, module, filled, kept)
                select (task, order),
            use
        );
    }

    // Expressions of one picture one after the other, where a step takes several.
    private static Either<Error, ISampler> OrderOf(IDataset data, Experiment experiment, IProgress<Progress>? progress)
    {
        var (count, expressions) = (data.Count("train"), experiment.Training.Expressions);
        if (expressions == 0)
            return new Sampler(count, experiment.Seed);
        var pictures = Enumerable.Range(0, count).Select(i => data.PictureOf("train", i)).ToArray();
        if (expressions > 1 && pictures.Distinct().Count() == count)
            return new Error(
                "every picture of train has one expression alone",
                $"{data.Name}, {expressions} expressions of a picture",
                "leave --expressions-per-picture out"
            );
        var order = PictureSampler.Of(pictures, expressions, experiment.Seed);
        if (order.Count > count)
            progress?.Report(
                new Progress.Noted(
                    new(
                        $"an epoch takes {order.Count - count} of its {count} samples twice or more",
                        data.Name,
                        $"their pictures have no multiple of {expressions} expressions"
                    )
                )
            );
        return order;
    }

    // Where a frozen backbone's results are kept, if the experiment keeps them: beside the runs.
    private static Either<Error, Option<FeatureStore>> Kept(
        RunFolder folder,
        Compiled module,
        long cache,
        IProgress<Progress>? progress
    )
    {
        if (!folder.Experiment.Training.CacheFeatures)
            return Option<FeatureStore>.None;
        var isFrozen = ExecutionPlan.Of(module.Graph, training: true, [["image"]]).Of(0)[0].MultiplyAdds > 0;
        return isFrozen
            ? FeatureStore
                .Open(
                    Path.Combine(Path.GetDirectoryName(folder.Path) ?? "", "features"),
                    cache,
                    module,
                    wrong => progress?.Report(new Progress.Noted(wrong))
                )
                .Map(Some)
            : new Error(
                "the model has no frozen backbone whose features could be kept",
                "--cache-features",
                "leave it out, or train a model whose backbone is fixed, such as photo or paper"
            );
    }

    // Before there is an optimiser, which may keep copies of what it starts from. A checkpoint has the backbone in it.
    private static Either<Error, Option<BackboneReport>> Begun(RunFolder folder, Compiled module) =>
        folder.HasBegun
            ? Option<BackboneReport>.None
            : folder.Experiment.Backbone.Match(
                backbone =>
                    from fitted in backbone.Fill(module)
                    from written in RunFiles.Replace(folder.BackboneFile, fitted.Text(folder.Experiment.Pixels))
                    select Some(fitted),
                () => Option<BackboneReport>.None
            );
}
