using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

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

    private const int LogEvery = 20;

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
            (loop, start) => loop.Train(start, steps.Map(s => start.Step + s), stop)
        );

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
        Func<TrainingLoop, Checkpoint, Either<Error, T>> use
    ) =>
        folder
            .Lock()
            .Bind(held =>
            {
                using (held)
                    return from module in folder
                            .Experiment.Model.Compile(
                                folder.Experiment.Inputs,
                                new(
                                    Device: device,
                                    Precision: folder.Experiment.Training.Precision,
                                    Training: true,
                                    Seed: folder.Experiment.Seed,
                                    Optimise: effort
                                )
                            )
                            .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors)))
                           from used in Using(folder, data, module, progress, cache, use)
                           select used;
            });

    private static Either<Error, T> Using<T>(
        RunFolder folder,
        IDataset data,
        Compiled module,
        IProgress<Progress>? progress,
        long cache,
        Func<TrainingLoop, Checkpoint, Either<Error, T>> use
    )
    {
        using (module)
            return Begun(folder, module).Bind(filled => Using(folder, data, module, filled, progress, cache, use));
    }

    private static Either<Error, T> Using<T>(
        RunFolder folder,
        IDataset data,
        Compiled module,
        Option<BackboneReport> filled,
        IProgress<Progress>? progress,
        long cache,
        Func<TrainingLoop, Checkpoint, Either<Error, T>> use
    )
    {
        using (var adam = new Adam(module, folder.Experiment.Training))
        using (var average = AverageOf(module, adam, folder.Experiment.Training.Ema))
            return Replicas
                .Of(module, folder.Experiment)
                .Bind(replicas =>
                {
                    using (replicas)
                        return from resumed in folder.Resume(module, [.. adam.State, .. average?.State ?? []])
                               let start = resumed.IfNone(Checkpoint.Start)
                               from log in Log.Open(folder.LogFile, start)
                               from order in OrderOf(data, folder.Experiment, progress)
                               from store in Kept(folder, module, cache, progress)
                               from used in use(
                                   new(
                                       folder,
                                       data,
                                       module,
                                       replicas,
                                       adam,
                                       average,
                                       log,
                                       filled,
                                       store.IfNoneUnsafe((FeatureStore?)null),
                                       order,
                                       progress
                                   ),
                                   start
                               )
                               select used;
                });
    }

    private static WeightAverage? AverageOf(Compiled module, Adam adam, double decay) =>
        decay > 0 ? new(module, adam, decay) : null;

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
                    from written in RunFolder.Replace(folder.BackboneFile, fitted.Text(folder.Experiment.Pixels))
                    select Some(fitted),
                () => Option<BackboneReport>.None
            );

    /// <summary>One sitting of training: the only place where things change.</summary>
    private sealed class TrainingLoop(
        RunFolder folder,
        IDataset data,
        Compiled module,
        Replicas replicas,
        Adam adam,
        WeightAverage? average,
        Log log,
        Option<BackboneReport> filled,
        FeatureStore? store,
        ISampler order,
        IProgress<Progress>? progress
    )
    {
        private readonly Experiment experiment = folder.Experiment;
        private readonly Training training = folder.Experiment.Training;
        // A picture's numbers, and their name, for as long as the picture is there: several expressions share them.
        private readonly ConditionalWeakTable<Picture, float[]> fitted = [];
        private readonly ConditionalWeakTable<float[], string> names = [];
        private long cut;

        public Either<Error, Trained> Train(Checkpoint at, Option<int> until, CancellationToken stop)
        {
            using var closing = log;
            using var feed = DataLoader<TrainingExample>.Start(
                order,
                Read,
                from: at.Sample,
                ahead: Math.Max(32, 3 * training.Batch * training.Accumulate)
            );
            progress?.Report(new Progress.Started(folder.Path, at.Step, training.Iterations));
            filled.IfSome(fitted => progress?.Report(new Progress.Filled(fitted, experiment.Pixels)));
            foreach (var bad in data.Skipped)
                progress?.Report(new Progress.Skipped(bad));
            var (clock, sitting, told) = (Stopwatch.StartNew(), at, 0);
            var (loss, since) = (0.0, at.Step);
            var spent = TimeSpan.Zero;
            var saved = at;
            if (at.Unvalidated && !stop.IsCancellationRequested)
            {
                if (Validated() is { } failure)
                    return failure;
                if (!at.Unvalidated && Saved() is { } full)
                    return full;
            }
            replicas.Spread();
            while (
                at.Step < training.Iterations
                && !at.IsEndOf(training)
                && !stop.IsCancellationRequested
                && until.ForAll(step => at.Step < step)
            )
            {
                var rate = training.RateAt(at.Step);
                var isLogged = (at.Step + 1) % LogEvery == 0 || at.Step + 1 == training.Iterations;
                var (one, sample, norm) = Step(feed, at.Step, rate, isLogged);
                if (sample < 0)
                    return new Error(
                        "no training sample can be read",
                        data.Name,
                        feed.Report.Bad.HeadOrNone().Map(e => $"{e}").IfNone("")
                    );
                if (!double.IsFinite(one))
                    return new Error(
                        $"the loss is {one} at step {at.Step + 1}",
                        folder.Path,
                        "lower the rate, or clip the gradient"
                    );
                if (!double.IsFinite(norm) && isLogged)
                    return new Error(
                        $"the norm of the gradient is {norm} at step {at.Step + 1}",
                        folder.Path,
                        "lower the rate"
                    );
                loss += one;
                at = at with
                {
                    Step = at.Step + 1,
                    Sample = sample,
                    Seconds = sitting.Seconds + clock.Elapsed.TotalSeconds,
                };
                foreach (var bad in feed.Report.Bad.Skip(told))
                {
                    told++;
                    progress?.Report(new Progress.Skipped(bad));
                    log.Write(at.Step, ("skipped", $"{bad}"));
                }

                var done = at.Step == training.Iterations;
                if (isLogged)
                {
                    var mean = loss / (at.Step - since) / experiment.Image / experiment.Image;
                    var pace = (at.Step - sitting.Step) / (clock.Elapsed - spent).TotalSeconds;
                    progress?.Report(
                        new Progress.Stepped(
                            at.Step,
                            training.Iterations,
                            mean,
                            rate,
                            pace * training.Batch * training.Accumulate,
                            TimeSpan.FromSeconds((training.Iterations - at.Step) / pace)
                        )
                    );
                    log.Write(
                        at.Step,
                        ("loss", mean),
                        ("rate", rate),
                        ("images_per_second", pace * training.Batch * training.Accumulate),
                        ("seconds", at.Seconds),
                        ("waited", feed.Report.Waited.TotalSeconds),
                        ("memory", Environment.WorkingSet),
                        ("gradient_norm", norm)
                    );
                    (loss, since) = (0, at.Step);
                }
                if (
                    (done || (training.ValidateEvery > 0 && at.Step % training.ValidateEvery == 0))
                    && Validated() is { } failure
                )
                    return failure;
                if ((done || at.Step % training.SaveEvery == 0) && Saved() is { } full)
                    return full;
            }
            if (saved != at && Saved() is { } last)
                return last;
            return new Trained(
                folder,
                at,
                at.IsEndOf(training),
                at.Step == sitting.Step ? 0 : feed.Report.Waited / (clock.Elapsed - spent),
                feed.Report.Skipped,
                cut
            );

            // What was not finished is still to be done: a checkpoint that says so takes its place.
            Error? Validated()
            {
                var before = clock.Elapsed;
                var outcome = Validate(at with { Unvalidated = false }, stop);
                spent += clock.Elapsed - before;
                at = outcome.IfLeft(at with { Unvalidated = true });
                return outcome.Case is Error wrong && wrong != Failures.Interrupted ? wrong : null;
            }

            Error? Saved()
            {
                saved = at;
                return folder.Save(module, [.. adam.State, .. average?.State ?? []], at).Case as Error;
            }
        }

        public Either<Error, RateSweep> Sweep(Many<double> rates, CancellationToken stop)
        {
            using var closing = log;
            using var feed = DataLoader<TrainingExample>.Start(
                order,
                Read,
                from: 0,
                ahead: Math.Max(32, 3 * training.Batch * training.Accumulate)
            );
            progress?.Report(new Progress.Started(folder.Path, 0, rates.Count));
            replicas.Spread();
            var found = new List<(double Rate, double Loss)>();
            foreach (var rate in rates)
            {
                if (stop.IsCancellationRequested)
                    return Failures.Interrupted;
                var (loss, sample, _) = Step(feed, found.Count, rate, isMeasured: false);
                if (sample < 0)
                    return new Error("no training sample can be read", data.Name);
                found.Add((rate, loss / experiment.Image / experiment.Image));
                var sweep = new RateSweep([.. found]);
                if (sweep.HasDiverged)
                    return sweep;
            }
            return new RateSweep([.. found]);
        }

        private Either<Error, TrainingExample> Read(int index) =>
            data.Read("train", index)
                .Map(sample =>
                    TrainingExample.Of(
                        sample,
                        fitted.GetValue(
                            sample.Picture,
                            picture => TrainingExample.PixelsOf(picture, experiment.Image, experiment.Pixels)
                        ),
                        folder.Vocabulary,
                        experiment.Image,
                        experiment.Words,
                        truth: true
                    )
                );

        // The loss, where the next sample stands (below 0 where there was none), and the gradient's norm.
        private (double Loss, long Sample, double Norm) Step(
            DataLoader<TrainingExample> feed,
            int step,
            double rate,
            bool isMeasured
        )
        {
            // Whatever is drawn in a step (dropout) follows from the seed and the step.
            manual_seed(unchecked((long)(experiment.Seed * 0x9E3779B97F4A7C15UL) + step));
            replicas.Ready();
            using var whole = NewDisposeScope();
            var (losses, next) = (new List<Tensor>(), -1L);
            for (var pass = 0; pass < training.Accumulate; pass++)
            {
                var taken = feed.Items().Take(training.Batch).ToArray();
                if (taken.Length < training.Batch)
                    return (0, -1, 0);
                next = taken[^1].Step + 1;
                cut += taken.Count(t => t.Value.IsCut);
                // A scope holds what it is given until it ends: TorchSharp itself lets the collector free a tensor that
                // native code is still reading.
                using var scope = NewDisposeScope();
                var parts = taken
                    .Chunk(training.Batch / training.Shards)
                    .Select(part => Shard.Of(Named(part), experiment.Image, training.Expressions > 0, module.Context))
                    .ToArray();
                var share = 1.0 / ((long)training.Accumulate * training.Shards);
                losses.AddRange(replicas.Each(parts, (copy, part) => part.Learn(copy, share, store)).ToMany().Bind(l => l));
            }
            replicas.Gather();
            var norm = adam.Step(step, rate, isMeasured);
            average?.Update(step);
            replicas.Spread();
            // Read together, when all is on its way.
            var each = stack(losses).cpu().data<double>().ToArray();
            losses.ForEach(loss => loss.Dispose());
            return (each.Sum(), next, norm);
        }

        // Pictures are told apart by their pixels where these name what is kept, and otherwise by the data set.
        private Many<(string, TrainingExample)> Named(IEnumerable<LoadedItem<TrainingExample>> part) =>
        [
            .. part.Select(item =>
                (
                    store is null
                        ? data.PictureOf("train", item.Index)
                        : names.GetValue(item.Value.Pixels, FeatureStore.NameOf),
                    item.Value
                )
            ),
        ];

        private Either<Error, Checkpoint> Validate(Checkpoint at, CancellationToken stop)
        {
            var split = data.Count("val") > 0 ? "val" : data.Splits[data.Splits.Count - 1];
            module.eval();
            return from raw in Scored()
                   from averaged in average is null
                       ? Right<Error, Option<Score>>(None)
                       : average.In(Scored).Map(Some)
                   from next in Judged(raw, averaged)
                   select next;

            Either<Error, Score> Scored() =>
                Evaluation
                    .Of(
                        data,
                        split,
                        ModelAnswer.Of(module, experiment, folder.Vocabulary),
                        atMost: training.ValidateOn,
                        stop: stop
                    )
                    .Map(e => e.Total);

            // The run answers with the averaged weights where there are some: these are judged.
            Either<Error, Checkpoint> Judged(Score score, Option<Score> averaged)
            {
                var iou = averaged.IfNone(score).OverallIou;
                var best = iou > at.Best;
                var next = best ? at with { Best = iou, BestStep = at.Step } : at;
                progress?.Report(new Progress.Validated(at.Step, score, best, averaged));
                log.Write(
                    at.Step,
                    [
                        (Log.Validation, score.OverallIou),
                        ("mean_iou", score.MeanIou),
                        ("seconds", at.Seconds),
                        .. Score.Thresholds.Zip(score.Precision, (t, p) => ($"precision@{t:0.0}", (object)p)),
                        .. averaged.Match(
                            a => (Many<(string, object)>)[("ema_overall_iou", a.OverallIou), ("ema_mean_iou", a.MeanIou)],
                            () => []
                        ),
                    ]
                );
                return best ? folder.SaveBest(module, average, next).Map(_ => next) : Right<Error, Checkpoint>(next);
            }
        }
    }
}
