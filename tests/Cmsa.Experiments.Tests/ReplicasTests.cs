using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using TorchSharp;

namespace Cmsa.Experiments.Tests;

public class ReplicasTests
{
    // Fixed batch norms: those that learn see the part of a batch that they are given.
    private static readonly Experiment whole = Tiny.Experiment(6) with
    {
        Model = Paper.Model(Tiny.Sizes with { Backbone = Tiny.Sizes.Backbone with { FixedNorms = true } }),
        Training = Tiny.Experiment(6).Training with { Batch = 4, Accumulate = 1, ClipNorm = 0, ValidateEvery = 0 },
    };

    [Theory, InlineData(2), InlineData(4)]
    public void A_batch_in_parts_teaches_what_the_whole_batch_teaches(int parts)
    {
        using var folder = new Folder();
        using TensorFile.Contents one = Trained(whole),
            several = Trained(whole with { Training = whole.Training with { Shards = parts } });
        Assert.Equal(one.Tensors.Keys, several.Tensors.Keys);
        // Adam divides by the root of the gradient's square, which makes much of the last bit of a gradient that is
        // almost 0: compare what it has summed up.
        Assert.All(
            one.Tensors.Where(t => t.Key.StartsWith("adam.first/", StringComparison.Ordinal)),
            t =>
                Assert.True(
                    (t.Value - several.Tensors[t.Key]).abs().max().item<float>()
                        <= 2e-3 * (1e-3 + t.Value.abs().max().item<float>()),
                    t.Key
                )
        );

        TensorFile.Contents Trained(Experiment experiment) =>
            TensorFile.Read(Trainer.Run(experiment, folder.Path).Right().Run.LastFile).Right();
    }

    [Fact]
    public void Parts_learn_the_same_bit_for_bit_whichever_is_first()
    {
        var experiment = Tiny.Experiment(8) with
        {
            Training = Tiny.Experiment(8).Training with { Batch = 4, Shards = 4, ValidateEvery = 0 },
        };
        var runs = Enumerable
            .Range(0, 3)
            .Select(_ =>
            {
                using var folder = new Folder();
                using var contents = TensorFile.Read(Trainer.Run(experiment, folder.Path).Right().Run.LastFile).Right();
                return contents.Tensors.ToDictionary(t => t.Key, t => Convert.ToHexString(t.Value.bytes));
            })
            .ToArray();
        Assert.All(runs[1..], run => Assert.Equal(runs[0], run));
    }

    [Fact]
    public void Fixed_statistics_stay_as_they_are_whatever_the_parts()
    {
        var experiment = whole with { Training = whole.Training with { Batch = 3, Shards = 3 } };
        using var module = experiment
            .Model.Compile(experiment.Inputs, new(Training: true))
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        using var replicas = Replicas.Of(module, experiment).Right();
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var statistics = module.Tensors.Where(t => t.Parameter.Role == Role.Statistic).ToArray();
        // Numbers of which some, added three times and divided by three, are not themselves.
        foreach (var (_, tensor) in statistics)
            tensor.copy_(torch.linspace(0.1, 0.9, tensor.shape[0]));
        var before = statistics.Select(s => s.Tensor.bytes.ToArray()).ToArray();
        Assert.Contains(
            before,
            bytes =>
                System
                    .Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes)
                    .ToArray()
                    .Any(x => (float)(x + x + x) / 3 != x)
        );
        replicas.Spread();
        replicas.Gather();
        Assert.Equal(before, statistics.Select(s => s.Tensor.bytes.ToArray()).ToArray());
    }

    [Fact]
    public void The_threads_of_the_kernels_are_as_many_as_before()
    {
        using var folder = new Folder();
        var before = torch.get_num_threads();
        Trainer.Run(whole with { Training = whole.Training with { Iterations = 1, Shards = 2 } }, folder.Path).Right();
        Assert.Equal(before, torch.get_num_threads());
    }

    [Fact]
    public void Parts_that_a_batch_does_not_fall_into_are_one_error()
    {
        using var folder = new Folder();
        Assert.Equal(
            "training: batches of 4 in 3 parts; a number of parts that divides the batch",
            $"{Trainer.Run(whole with { Training = whole.Training with { Shards = 3 } }, folder.Path).Left()}"
        );
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }
}
