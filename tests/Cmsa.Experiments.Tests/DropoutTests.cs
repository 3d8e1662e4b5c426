using Cmsa.Dsl;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Tests;

/// <summary>
/// Tests beside which no other runs: what draws from the process's generator would draw between them.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

/// <summary>Dropout in training: drawn anew at each step, and the same when a run is taken up again.</summary>
[Collection(nameof(Alone))]
public class DropoutTests
{
    // Dropout draws at each step, and a batch norm gathers what it is not told of.
    private static Experiment Dropping(int shards) =>
        Tiny.Experiment(12) with
        {
            Model = (Conv(4, 3) >> BatchNorm() >> Relu >> Dropout(0.5) >> Conv(1, 1).Named("last")).AsModel(),
            Training = Tiny.Experiment(12).Training with { ValidateEvery = 5, SaveEvery = 4, Shards = shards },
        };

    [Theory, InlineData(1), InlineData(2)]
    public void A_resumed_model_with_dropout_ends_in_the_same_bits(int shards)
    {
        using var folder = new Folder();
        var whole = Trainer.Run(Dropping(shards), Path.Combine(folder.Path, "whole")).Right();
        foreach (var steps in new[] { 3, 4, 12 })
        {
            // Whatever else draws from the generator between two sittings changes nothing.
            using var elsewhere = rand(steps);
            Trainer.Run(Dropping(shards), Path.Combine(folder.Path, "parts"), steps: Some(steps)).Right();
        }
        var parts = RunFolder.Find(Path.Combine(folder.Path, "parts"), Dropping(shards)).Right().IfNone(whole.Run);
        Assert.NotEqual(whole.Run.Path, parts.Path);
        foreach (
            var (left, right) in new[] { (whole.Run.LastFile, parts.LastFile), (whole.Run.BestFile, parts.BestFile) }
        )
        {
            using TensorFile.Contents a = TensorFile.Read(left).Right(),
                b = TensorFile.Read(right).Right();
            Assert.Equal(a.Tensors.Keys, b.Tensors.Keys);
            Assert.All(a.Tensors, t => Assert.Equal(t.Value.bytes.ToArray(), b.Tensors[t.Key].bytes.ToArray()));
        }
    }

    [Fact]
    public void Dropout_drops_something_else_at_each_step()
    {
        // With the rate as good as 0 and one sample, two steps differ in nothing but what is dropped.
        var one = Dropping(1) with
        {
            Data = Tiny.Data with { Train = 1 },
            Training = Dropping(1).Training with
            {
                Iterations = 2,
                Batch = 1,
                Accumulate = 1,
                ClipNorm = 0,
                WeightDecay = 0,
                LearningRate = 1e-30,
                FinalRate = 1e-30,
            },
        };
        double[] Moment(int iterations) =>
            TrainingStepTests.Ended(one with { Training = one.Training with { Iterations = iterations } })[
                "adam.first/last.weight"
            ];
        // m1 = 0.1 g1 and m2 = 0.09 g1 + 0.1 g2.
        var (first, second) = (Moment(1), Moment(2));
        Assert.All(
            first.Zip(second),
            pair => Assert.True(Math.Abs(pair.Item2 - 1.9 * pair.Item1) > 1e-4 * Math.Abs(pair.Item1))
        );
    }
}
