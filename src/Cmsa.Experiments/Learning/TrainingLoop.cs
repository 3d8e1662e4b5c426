using System.Diagnostics;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>How a call of the training loop ended.</summary>
/// <param name="At">How far the run has come.</param>
/// <param name="IsDone">Whether training is over, its last validation included.</param>
/// <param name="Waited">The share of this call's training time in which it waited for samples.</param>
/// <param name="Skipped">How many times a sample that could not be read was skipped.</param>
/// <param name="Cut">How many of its samples were longer than the model takes, and were cut.</param>
internal sealed record LoopEnd(Checkpoint At, bool IsDone, double Waited, long Skipped, long Cut);

/// <summary>
/// The training loop, the same for every model: it steps, validates, logs and saves. What a step does depends on the
/// seed and the step alone. It is the only place where things change.
/// </summary>
internal sealed class TrainingLoop<TExample, TScore>(
    RunFiles files,
    Training training,
    ulong seed,
    Compiled module,
    Replicas replicas,
    IOptimizer optimizer,
    WeightAverage? average,
    Log log,
    ITrainable<TExample, TScore> trainable,
    ISampler order,
    IProgress<Progress>? progress
)
{
    private const int LogEvery = 20;

    /// <summary>Trains from a checkpoint, to the end or until it is to stop.</summary>
    /// <param name="at">The checkpoint that the module and the optimizer are at.</param>
    /// <param name="until">The step after which it stops; none: the last.</param>
    /// <param name="stop">Cancelled to stop after the step at hand, or in a validation, with a checkpoint.</param>
    public Either<Error, LoopEnd> Train(Checkpoint at, Option<int> until, CancellationToken stop)
    {
        using var closing = log;
        using var feed = Feed(at.Sample);
        progress?.Report(new Progress.Started(files.Path, at.Step, training.Iterations));
        foreach (var note in trainable.Opening)
            progress?.Report(note);
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
                    trainable.DataName,
                    feed.Report.Bad.HeadOrNone().Map(e => $"{e}").IfNone("")
                );
            if (!double.IsFinite(one))
                return new Error(
                    $"the loss is {one} at step {at.Step + 1}",
                    files.Path,
                    "lower the rate, or clip the gradient"
                );
            if (!double.IsFinite(norm) && isLogged)
                return new Error(
                    $"the norm of the gradient is {norm} at step {at.Step + 1}",
                    files.Path,
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
                var mean = trainable.Shown(loss / (at.Step - since));
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
        return new LoopEnd(
            at,
            at.IsEndOf(training),
            at.Step == sitting.Step ? 0 : feed.Report.Waited / (clock.Elapsed - spent),
            feed.Report.Skipped,
            trainable.Cut
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
            return files.Save(module, [.. optimizer.State, .. average?.State ?? []], at).Case as Error;
        }
    }

    /// <summary>Takes a step at each of some rates; it ends early where the loss diverges.</summary>
    /// <param name="rates">The rates, rising.</param>
    /// <param name="stop">Cancelled to stop after the step at hand.</param>
    public Either<Error, RateSweep> Sweep(Many<double> rates, CancellationToken stop)
    {
        using var closing = log;
        using var feed = Feed(0);
        progress?.Report(new Progress.Started(files.Path, 0, rates.Count));
        replicas.Spread();
        var found = new List<(double Rate, double Loss)>();
        foreach (var rate in rates)
        {
            if (stop.IsCancellationRequested)
                return Failures.Interrupted;
            var (loss, sample, _) = Step(feed, found.Count, rate, isMeasured: false);
            if (sample < 0)
                return new Error("no training sample can be read", trainable.DataName);
            found.Add((rate, trainable.Shown(loss)));
            var sweep = new RateSweep([.. found]);
            if (sweep.HasDiverged)
                return sweep;
        }
        return new RateSweep([.. found]);
    }

    private DataLoader<TExample> Feed(long from) =>
        DataLoader<TExample>.Start(
            order,
            trainable.Read,
            from: from,
            ahead: Math.Max(32, 3 * training.Batch * training.Accumulate)
        );

    // The loss, where the next sample stands (below 0 where there was none), and the gradient's norm.
    private (double Loss, long Sample, double Norm) Step(
        DataLoader<TExample> feed,
        int step,
        double rate,
        bool isMeasured
    )
    {
        // Whatever is drawn in a step (dropout) follows from the seed and the step.
        manual_seed(unchecked((long)(seed * 0x9E3779B97F4A7C15UL) + step));
        replicas.Ready();
        using var whole = NewDisposeScope();
        var (losses, next) = (new List<Tensor>(), -1L);
        for (var pass = 0; pass < training.Accumulate; pass++)
        {
            var taken = feed.Items().Take(training.Batch).ToArray();
            if (taken.Length < training.Batch)
                return (0, -1, 0);
            next = taken[^1].Step + 1;
            // A scope holds what it is given until it ends: TorchSharp itself lets the collector free a tensor that
            // native code is still reading.
            using var scope = NewDisposeScope();
            var share = 1.0 / ((long)training.Accumulate * training.Shards);
            var parts = taken
                .Chunk(training.Batch / training.Shards)
                .Select(part => trainable.Prepare(part, share, module))
                .ToArray();
            losses.AddRange(replicas.Each(parts, (copy, learn) => learn(copy)).ToMany().Bind(l => l));
        }
        replicas.Gather();
        var norm = optimizer.Step(step, rate, isMeasured);
        average?.Update(step);
        replicas.Spread();
        // Read together, when all is on its way.
        var each = stack(losses).cpu().data<double>().ToArray();
        losses.ForEach(loss => loss.Dispose());
        return (each.Sum(), next, norm);
    }

    private Either<Error, Checkpoint> Validate(Checkpoint at, CancellationToken stop)
    {
        module.eval();
        return from raw in Scored()
               from averaged in average is null
                   ? Right<Error, Option<TScore>>(None)
                   : average.In(Scored).Map(Some)
               from next in Judged(raw, averaged)
               select next;

        Either<Error, TScore> Scored() => trainable.Score(stop);

        // The run answers with the averaged weights where there are some: these are judged.
        Either<Error, Checkpoint> Judged(TScore score, Option<TScore> averaged)
        {
            var worth = trainable.Worth(averaged.IfNone(score));
            var best = worth > at.Best || (at.BestStep == 0 && double.IsFinite(worth));
            var next = best ? at with { Best = worth, BestStep = at.Step } : at;
            progress?.Report(trainable.Validated(at.Step, score, best, averaged));
            log.Write(at.Step, trainable.Line(score, averaged, at.Seconds));
            return best ? files.SaveBest(module, average, next).Map(_ => next) : Right<Error, Checkpoint>(next);
        }
    }
}
