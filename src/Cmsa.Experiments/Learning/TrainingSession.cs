using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// A run that is being trained, whatever its model: locks its folder, compiles the model, resumes the newest checkpoint
/// and opens the log, then hands over the loop and frees everything behind it.
/// </summary>
/// <param name="Files">The run's files.</param>
/// <param name="Training">How it learns.</param>
/// <param name="Seed">Of what is drawn in a step.</param>
/// <param name="Columns">The numbers of its log.</param>
/// <param name="Compile">Compiles the model for training; called once for each part of a batch.</param>
/// <param name="Optimize">Makes its optimizer.</param>
/// <param name="Progress">Reports what happens, on the training thread.</param>
internal sealed record TrainingSession(
    RunFiles Files,
    Training Training,
    ulong Seed,
    LogColumns Columns,
    Func<Either<Error, Compiled>> Compile,
    Func<Compiled, IOptimizer> Optimize,
    IProgress<Progress>? Progress
)
{
    /// <summary>Uses the run's training loop.</summary>
    /// <param name="begin">
    /// Called with the compiled module before there is an optimizer, which may keep copies of the initial values.
    /// </param>
    /// <param name="open">Opens what is trained and the order of its samples, after the checkpoint is resumed.</param>
    /// <param name="use">Uses the loop, from the checkpoint that was resumed.</param>
    public Either<Error, T> Use<TBegun, TExample, TScore, T>(
        Func<Compiled, Either<Error, TBegun>> begin,
        Func<Compiled, TBegun, Either<Error, (ITrainable<TExample, TScore> Trainable, ISampler Order)>> open,
        Func<TrainingLoop<TExample, TScore>, Checkpoint, Either<Error, T>> use
    ) =>
        Files
            .Lock()
            .Bind(held =>
            {
                using (held)
                    return Compile()
                        .Bind(module =>
                        {
                            using (module)
                                return begin(module).Bind(begun => Use(module, () => open(module, begun), use));
                        });
            });

    private Either<Error, T> Use<TExample, TScore, T>(
        Compiled module,
        Func<Either<Error, (ITrainable<TExample, TScore> Trainable, ISampler Order)>> open,
        Func<TrainingLoop<TExample, TScore>, Checkpoint, Either<Error, T>> use
    )
    {
        using var optimizer = Optimize(module);
        using var average = Training.Ema > 0 ? new WeightAverage(module, optimizer, Training.Ema) : null;
        return Replicas
            .Of(module, Training.Shards, Compile)
            .Bind(replicas =>
            {
                using (replicas)
                    return from resumed in Files.Resume(module, [.. optimizer.State, .. average?.State ?? []])
                           let start = resumed.IfNone(Checkpoint.Start)
                           from log in Log.Open(Files.LogFile, start, Columns)
                           from opened in open()
                           let loop = new TrainingLoop<TExample, TScore>(
                               Files,
                               Training,
                               Seed,
                               module,
                               replicas,
                               optimizer,
                               average,
                               log,
                               opened.Trainable,
                               opened.Order,
                               Progress
                           )
                           from used in use(loop, start)
                           select used;
            });
    }
}
