using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using Cmsa.Models.Ablations;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Tests;

/// <summary>What a step of training does, against formulas written out here.</summary>
[Trait("Speed", "Slow")]
public class TrainingStepTests
{
    // Nothing that sees a part of a batch alone: no batch norm trains.
    private static readonly Experiment plain = Tiny.Experiment(1) with
    {
        Model = Paper.Model(Tiny.Sizes with { Backbone = Tiny.Sizes.Backbone with { FixedNorms = true } }),
        Training = Tiny.Experiment(1).Training with
        {
            Batch = 4,
            Accumulate = 1,
            ClipNorm = 0,
            WeightDecay = 0,
            ValidateEvery = 0,
        },
    };

    internal static Dictionary<string, double[]> Ended(
        Experiment experiment,
        OptimizationLevel effort = OptimizationLevel.All
    )
    {
        using var folder = new Folder();
        var trained = Trainer.Run(experiment, folder.Path, effort: effort).Right();
        using var contents = TensorFile.Read(trained.Run.LastFile).Right();
        return contents.Tensors.ToDictionary(t => t.Key, t => Doubles(t.Value));
    }

    private static double[] Doubles(Tensor tensor)
    {
        using var numbers = tensor.detach().to(ScalarType.Float64);
        return numbers.data<double>().ToArray();
    }

    /// <summary>The samples that training sees first, in its order.</summary>
    private static TrainingExample[] First(Experiment experiment, int count)
    {
        var data = experiment.Data.Open().Right();
        var order = new Sampler(data.Count("train"), experiment.Seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(step => data.Read("train", order.At(step)).Right())
                .Select(sample =>
                    TrainingExample.Of(
                        sample,
                        data.Vocabulary,
                        experiment.Image,
                        experiment.Words,
                        experiment.Pixels,
                        truth: true
                    )
                ),
        ];
    }

    /// <summary>
    /// The gradient of the mean over samples of the cross-entropy summed over pixels, one sample after the other: the
    /// derivative by a logit is <c>(sigmoid(x) - y) / samples</c>.
    /// </summary>
    private static Dictionary<string, double[]> Gradient(Experiment experiment, int samples)
    {
        using var scope = NewDisposeScope();
        using var module = experiment
            .Model.Compile(
                experiment.Inputs,
                new(Training: true, Seed: experiment.Seed, Optimise: OptimizationLevel.AsWritten)
            )
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        var sum = module
            .Tensors.Where(t => t.Tensor.requires_grad)
            .ToDictionary(t => t.Parameter.Path, t => new double[t.Tensor.numel()]);
        foreach (var example in First(experiment, samples))
        {
            var side = experiment.Image;
            // Each sample's gradient is added here, not by the engine.
            module.zero_grad();
            var logits = module.Run(
                tensor(example.Pixels, [1, 3, side, side]),
                tensor(example.Words, [1, example.Words.Length])
            );
            var slope = Doubles(logits)
                .Zip(example.Truth, (x, y) => (float)((1 / (1 + Math.Exp(-x)) - y) / samples))
                .ToArray();
            logits.backward([tensor(slope, logits.shape)]);
            foreach (var (parameter, tensor) in module.Tensors.Where(t => t.Tensor.grad is not null))
                sum[parameter.Path] = [.. sum[parameter.Path].Zip(Doubles(tensor.grad!), (x, y) => x + y)];
        }
        return sum;
    }

    public static TheoryData<int, int, int> Divisions =>
        new()
        {
            { 4, 1, 1 },
            { 2, 2, 1 },
            { 1, 4, 1 },
            { 4, 1, 2 },
            { 4, 1, 4 },
            { 2, 2, 2 },
        };

    /// <summary>
    /// After one step the first moment of Adam is a tenth of the gradient, whatever the four samples are divided into.
    /// The gradient of a bias of queries is 0 but for rounding.
    /// </summary>
    [Theory, MemberData(nameof(Divisions))]
    public void A_step_is_taken_against_the_mean_gradient_of_its_samples(int batch, int accumulate, int shards) =>
        Steps(plain, "mask.weight", OptimizationLevel.All, batch, accumulate, shards);

    /// <summary>The same of an LSTM as it is written, whose two biases are handed one gradient.</summary>
    [Theory, MemberData(nameof(Divisions))]
    public void A_memory_is_taught_by_the_mean_gradient_too(int batch, int accumulate, int shards) =>
        Steps(
            plain with
            {
                Model = Representations.CmsaS(
                    Tiny.Sizes with
                    {
                        Backbone = Tiny.Sizes.Backbone with { FixedNorms = true },
                    }
                ),
            },
            "lstm.bias_ih",
            OptimizationLevel.AsWritten,
            batch,
            accumulate,
            shards
        );

    private static void Steps(
        Experiment of,
        string among,
        OptimizationLevel effort,
        int batch,
        int accumulate,
        int shards
    )
    {
        var experiment = of with
        {
            Training = of.Training with { Batch = batch, Accumulate = accumulate, Shards = shards },
        };
        var found = Ended(experiment, effort);
        var expected = Gradient(experiment, 4);
        Assert.Contains(among, expected.Keys);
        Assert.Contains(expected, e => e.Value.Any(x => Math.Abs(x) > 0.1));
        Assert.All(
            expected,
            e =>
                Assert.True(
                    Largest(e.Value.Zip(found[$"adam.first/{e.Key}"], (g, m) => g - 10 * m))
                        <= 3e-5 + 2e-4 * Largest(e.Value),
                    $"{e.Key} differs by {Largest(e.Value.Zip(found[$"adam.first/{e.Key}"], (g, m) => g - 10 * m))} of {Largest(e.Value)}"
                )
        );
    }

    private static double Largest(IEnumerable<double> numbers) => numbers.Max(Math.Abs);

    // A batch norm right behind the pixels: what it gathers depends on the samples alone, and not on what is learnt.
    private static Experiment Gathering(int iterations, int batch, int accumulate, int shards) =>
        Tiny.Experiment(iterations) with
        {
            Model = (BatchNorm() >> Conv(1, 1)).AsModel(),
            Training = Tiny.Experiment(iterations).Training with
            {
                Batch = batch,
                Accumulate = accumulate,
                Shards = shards,
                ValidateEvery = 0,
            },
        };

    /// <summary>
    /// Every part gathers by itself, pass after pass: <c>s = 0.9 s + 0.1 of the part's</c>, the variance with n - 1;
    /// after the step all have the mean of what the parts have gathered.
    /// </summary>
    [Theory, InlineData(4, 1, 1), InlineData(4, 2, 1), InlineData(4, 1, 2), InlineData(4, 2, 4), InlineData(6, 2, 3)]
    public void Running_statistics_are_the_mean_of_what_the_parts_gather(int batch, int accumulate, int shards)
    {
        const int Iterations = 3;
        var experiment = Gathering(Iterations, batch, accumulate, shards);
        var found = Ended(experiment);
        var samples = new Queue<TrainingExample[]>(
            First(experiment, Iterations * accumulate * batch).Chunk(batch / shards)
        );
        var (mean, variance) = (new double[3], new double[] { 1, 1, 1 });
        for (var step = 0; step < Iterations; step++)
        {
            var means = Enumerable.Range(0, shards).Select(_ => mean.ToArray()).ToArray();
            var variances = Enumerable.Range(0, shards).Select(_ => variance.ToArray()).ToArray();
            for (var pass = 0; pass < accumulate; pass++)
                for (var shard = 0; shard < shards; shard++)
                {
                    var part = samples.Dequeue();
                    for (var channel = 0; channel < 3; channel++)
                    {
                        var pixels = part.SelectMany(e => Channel(e, channel, experiment.Image)).ToArray();
                        var average = pixels.Average();
                        var spread = pixels.Sum(x => (x - average) * (x - average)) / (pixels.Length - 1);
                        means[shard][channel] += 0.1 * (average - means[shard][channel]);
                        variances[shard][channel] += 0.1 * (spread - variances[shard][channel]);
                    }
                }
            mean = [.. Enumerable.Range(0, 3).Select(c => means.Average(m => m[c]))];
            variance = [.. Enumerable.Range(0, 3).Select(c => variances.Average(v => v[c]))];
        }
        Near(mean, found["norm.running_mean"]);
        Near(variance, found["norm.running_var"]);

        static IEnumerable<double> Channel(TrainingExample example, int channel, int side) =>
            example.Pixels.Skip(channel * side * side).Take(side * side).Select(x => (double)x);

        static void Near(double[] expected, double[] found) =>
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-5));
    }

    [Fact]
    public void Of_equal_validations_the_first_is_the_best()
    {
        using var folder = new Folder();
        var still = Tiny.Experiment(6) with
        {
            Model = Conv(1, 3).AsModel(),
            Training = Tiny.Experiment(6).Training with { LearningRate = 1e-30, FinalRate = 1e-30, ValidateEvery = 2 },
        };
        var told = new List<Progress.Validated>();
        var trained = Trainer
            .Run(
                still,
                folder.Path,
                progress: new Relay<Progress>(said =>
                {
                    if (said is Progress.Validated validated)
                        told.Add(validated);
                })
            )
            .Right();
        Assert.Equal([(2, true), (4, false), (6, false)], told.Select(v => (v.Step, v.IsBest)));
        Assert.Single(told.Select(v => v.Score.OverallIou).Distinct());
        Assert.Equal(2, trained.At.BestStep);
        using var best = TensorFile.Read(trained.Run.BestFile).Right();
        Assert.Equal("2", best.Texts["step"]);
    }
}
