using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learners;

/// <summary>Measures a model on a split. Samples are read ahead on threads of their own.</summary>
internal static class LearnerScoring
{
    /// <summary>The mean loss and the metrics on a split.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="module">Its model, in evaluation mode.</param>
    /// <param name="split">The split.</param>
    /// <param name="atMost">How many samples, the first ones; 0: all.</param>
    /// <param name="progress">Given the share that is done.</param>
    /// <param name="stop">Cancelled to give up.</param>
    public static Either<Error, Scores> Of<A, B, T>(
        Learner<A, B, T> learner,
        Compiled module,
        string split,
        int atMost,
        IProgress<double>? progress,
        CancellationToken stop
    )
    {
        var size = learner.Data.Splits.Find(s => s.Name == split).Map(s => s.Count).IfNone(0);
        var count = atMost > 0 ? Math.Min(atMost, size) : size;
        if (count == 0)
            return new Error(
                $"no split {split}",
                learner.Data.Name,
                $"it has {string.Join(", ", learner.Data.Splits.Map(s => s.Name))}"
            );
        var samples = new LearnerSamples<A, B, T>(learner, module);
        using var feed = DataLoader<Example>.Start(new Sampler(count), i => samples.Read(split, i), until: count);
        var (measured, loss) = (0, 0.0);
        var sums = learner.Metrics.Map(_ => Array.Empty<double>()).ToArray();
        foreach (var batch in feed.Items().Select(item => item.Value).Chunk(learner.Training.Batch))
        {
            if (stop.IsCancellationRequested)
                return Failures.Interrupted;
            var (mean, counts) = Measured(learner, module, samples, batch);
            measured += batch.Length;
            loss += mean * batch.Length;
            for (var i = 0; i < sums.Length; i++)
                sums[i] = sums[i].Length == 0 ? counts[i] : [.. sums[i].Zip(counts[i], (a, b) => a + b)];
            progress?.Report((double)measured / count);
        }
        if (measured == 0)
            return new Error(
                $"no sample of {split} can be read",
                learner.Data.Name,
                feed.Report.Bad.HeadOrNone().Map(e => $"{e}").IfNone("")
            );
        var metrics = learner.Metrics.Zip(sums.ToMany(), (metric, sum) => (metric.Name, metric.Value([.. sum])));
        return new Scores(split, measured, loss / measured, metrics, feed.Report.Bad);
    }

    private static (double Loss, double[][] Counts) Measured<A, B, T>(
        Learner<A, B, T> learner,
        Compiled module,
        LearnerSamples<A, B, T> samples,
        Example[] batch
    )
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var result = module.RunAll(samples.Inputs(batch));
        var truth = samples.Truth(batch);
        var loss = learner.Loss.Of(result, truth).to(ScalarType.Float64).item<double>();
        var counts = learner.Metrics.Map(m => m.Count(result, truth).to(ScalarType.Float64).cpu().data<double>().ToArray());
        return (loss, [.. counts]);
    }
}
