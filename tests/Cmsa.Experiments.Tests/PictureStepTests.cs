using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Tests;

/// <summary>Training steps that take several expressions of a picture, and backbones whose results are kept.</summary>
[Collection(nameof(Alone))]
public class PictureStepTests
{
    private static readonly Sizes isFixed = Tiny.Sizes with { FixedBackbone = true };

    private static Compiled Module()
    {
        var module = Paper
            .Model(isFixed)
            .Compile(isFixed.Inputs, new(Precision: Precision.Float64, Training: true))
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        module.train();
        return module;
    }

    private static (string, TrainingExample)[] Examples(int pictures, int expressions) =>
        [
            .. Enumerable
                .Range(0, pictures)
                .SelectMany(p =>
                    Enumerable
                        .Range(0, expressions)
                        .Select(e =>
                            (
                                $"{p}",
                                new TrainingExample(
                                    [.. Drawn(p, 3 * isFixed.Image * isFixed.Image)],
                                    [.. Enumerable.Range(0, isFixed.Words).Select(i => (long)(1 + (i + e) % 9))],
                                    [.. Drawn(p + 10 * e, isFixed.Image * isFixed.Image).Select(x => x > 0 ? 1f : 0f)],
                                    false
                                )
                            )
                        )
                ),
        ];

    private static IEnumerable<float> Drawn(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - .5));
    }

    private static Dictionary<string, Tensor> Learnt(Compiled module, bool isGrouped, FeatureStore? store = null)
    {
        module.zero_grad();
        Shard.Of([.. Examples(2, 3)], isFixed.Image, isGrouped, module.Context).Learn(module, share: 1, store);
        return module
            .Tensors.Where(t => t.Tensor.grad is not null)
            .ToDictionary(t => t.Parameter.Path, t => t.Tensor.grad!.clone());
    }

    [Fact]
    public void Gradients_of_grouped_expressions_are_those_of_single_samples()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        var (single, grouped) = (Learnt(module, isGrouped: false), Learnt(module, isGrouped: true));
        Assert.Equal(single.Keys.Order(), grouped.Keys.Order());
        // The loss is float32, whatever the model.
        Assert.All(single, s => Assert.True(s.Value.allclose(grouped[s.Key], 1e-5, 1e-6), s.Key));
    }

    [Fact]
    public void Features_are_kept_once_for_each_picture_and_read_again()
    {
        using var scope = NewDisposeScope();
        using var folder = new Folder();
        using var module = Module();
        var told = new List<Error>();
        var store = FeatureStore.Open(folder.Path, 1 << 20, module, told.Add).Right();
        var first = Learnt(module, isGrouped: true, store);
        var files = Directory.GetFiles(folder.Path);
        Assert.Equal(2, files.Length);
        var again = Learnt(module, isGrouped: true, FeatureStore.Open(folder.Path, 1 << 20, module, told.Add).Right());
        Assert.All(first, f => Assert.True(f.Value.equal(again[f.Key]).all().item<bool>(), f.Key));
        Assert.Empty(told);

        // What is damaged is told, and computed again.
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..^3]);
        var mended = Learnt(module, isGrouped: true, store);
        Assert.All(first, f => Assert.True(f.Value.equal(mended[f.Key]).all().item<bool>(), f.Key));
        Assert.Equal("the features are computed again", Assert.Single(told).Hint);
    }

    [Fact]
    public void A_store_that_is_full_says_so_once_and_learns_the_same()
    {
        using var scope = NewDisposeScope();
        using var folder = new Folder();
        using var module = Module();
        var told = new List<Error>();
        var store = FeatureStore.Open(folder.Path, 10, module, told.Add).Right();
        var full = Learnt(module, isGrouped: true, store);
        Assert.Empty(Directory.GetFiles(folder.Path));
        Assert.Contains("do not fit into", Assert.Single(told).What, StringComparison.Ordinal);
        var kept = Learnt(module, isGrouped: true, FeatureStore.Open(folder.Path, 1 << 20, module, told.Add).Right());
        Assert.All(full, f => Assert.True(f.Value.equal(kept[f.Key]).all().item<bool>(), f.Key));
    }

    [Fact]
    public void Other_frozen_weights_have_other_features()
    {
        using var module = Module();
        var before = module.FeaturesKey(1);
        Assert.Equal(before, module.FeaturesKey(1));
        using (no_grad())
            module.Tensors.First(t => Pretrained.IsBelow(t.Parameter.Path)).Tensor.mul_(1.5);
        Assert.NotEqual(before, module.FeaturesKey(1));
    }

    [Fact]
    public void A_training_that_does_neither_has_the_hash_that_it_had()
    {
        var plain = Tiny.Experiment();
        Assert.DoesNotContain("expressions", plain.Json, StringComparison.Ordinal);
        Assert.DoesNotContain("cacheFeatures", plain.Json, StringComparison.Ordinal);
        var grouped = plain with { Training = plain.Training with { Expressions = 2 } };
        Assert.NotEqual(plain.Hash, grouped.Hash);
        Assert.Equal(grouped, Experiment.Parse(grouped.Json, "here").Right());
        Assert.True((plain with { Training = plain.Training with { Expressions = 3 } }).Problem.IsSome);
    }

    [Fact]
    public void A_learning_backbone_has_nothing_to_keep()
    {
        using var folder = new Folder();
        var experiment = Tiny.Experiment(1);
        var cached = experiment with { Training = experiment.Training with { CacheFeatures = true } };
        Assert.Contains("no frozen backbone", Trainer.Run(cached, folder.Path).Left().What, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_that_keep_the_same_picture_do_not_meet()
    {
        using var folder = new Folder();
        using var modules = new Disposed<Compiled>([.. Enumerable.Range(0, 4).Select(_ => Module())]);
        var told = new System.Collections.Concurrent.ConcurrentBag<Error>();
        var store = FeatureStore.Open(folder.Path, 1 << 20, modules.Items[0], told.Add).Right();
        using var picture = rand(1, 3, isFixed.Image, isFixed.Image, float64);
        for (var round = 0; round < 10; round++)
            Parallel.ForEach(modules.Items, module => store.Of(module, picture, [$"{round}"]).Dispose());
        Assert.Empty(told);
        Assert.Equal(10, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void What_a_killed_training_left_half_written_is_removed_after_an_hour()
    {
        using var folder = new Folder();
        using var module = Module();
        var (old, young) = (Path.Combine(folder.Path, "a.safetensors.1"), Path.Combine(folder.Path, "b.safetensors.2"));
        File.WriteAllText(old, "half");
        File.WriteAllText(young, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        FeatureStore.Open(folder.Path, 1 << 20, module, _ => { }).Right();
        Assert.Equal([young], Directory.GetFiles(folder.Path));
    }

    // Two pictures, one with three expressions and one with two.
    private static string Data(Folder folder)
    {
        var root = Path.Combine(folder.Path, "mine");
        Directory.CreateDirectory(root);
        foreach (var name in (string[])["a", "b"])
            File.WriteAllBytes(
                Path.Combine(root, $"{name}.png"),
                PictureFile.Png(new(32, 32, [.. Drawn(name[0], 3 * 32 * 32).Select(x => (byte)(255 * (x + .5)))]))
            );
        string Line(string picture, string expression, int at) =>
            $$"""{"picture": "{{picture}}.png", "expression": "{{expression}}", "mask": [[{{at}}, 2, 30, 2, 30, 30, {{at}}, 30]]}""";
        File.WriteAllLines(
            Path.Combine(root, "train.jsonl"),
            [
                Line("a", "red one", 2),
                Line("a", "blue one", 9),
                Line("a", "green one", 15),
                Line("b", "red one", 5),
                Line("b", "big one", 3),
            ]
        );
        File.WriteAllLines(Path.Combine(root, "val.jsonl"), [Line("b", "green one", 4)]);
        return root;
    }

    private static Experiment Grouped(string data) =>
        Tiny.Experiment(6) with
        {
            Model = Paper.Model(isFixed),
            Data = DataSpec.Of(data, ""),
            Training = Tiny.Experiment(6).Training with
            {
                Batch = 4,
                Shards = 2,
                Expressions = 2,
                CacheFeatures = true,
                ValidateEvery = 0,
                ValidateOn = 1,
            },
        };

    [Fact]
    public void A_training_that_keeps_features_goes_on_to_the_same_bits_whatever_is_kept()
    {
        using var folder = new Folder();
        var experiment = Grouped(Data(folder));
        var whole = Trainer.Run(experiment, Path.Combine(folder.Path, "whole")).Right();
        var parts = Path.Combine(folder.Path, "parts");
        Trainer.Run(experiment, parts, steps: Prelude.Some(2)).Right();
        Directory.Delete(Path.Combine(parts, "features"), recursive: true);
        var resumed = Trainer.Run(experiment, parts).Right();
        Assert.Equal(6, resumed.At.Step);
        Assert.Equal(
            TensorFile.Texts(whole.Run.LastFile).Map(t => t[TensorFile.Digest]),
            TensorFile.Texts(resumed.Run.LastFile).Map(t => t[TensorFile.Digest])
        );
        Assert.Equal(2, Directory.GetFiles(Path.Combine(parts, "features")).Length);
    }

    [Fact]
    public void Samples_that_an_epoch_takes_twice_are_told()
    {
        using var folder = new Folder();
        var noted = new List<Error>();
        var heard = new Relay<Progress>(p => noted.AddRange(p is Progress.Noted n ? [n.Error] : []));
        Trainer.Run(Grouped(Data(folder)), Path.Combine(folder.Path, "runs"), progress: heard).Right();
        Assert.Equal("an epoch takes 1 of its 5 samples twice or more", Assert.Single(noted).What);
    }

    [Fact]
    public void Pictures_of_one_expression_each_cannot_be_grouped()
    {
        using var folder = new Folder();
        var experiment = Tiny.Experiment(1);
        var grouped = experiment with { Training = experiment.Training with { Expressions = 2 } };
        Assert.Contains(
            "every picture of train has one expression alone",
            Trainer.Run(grouped, folder.Path).Left().What,
            StringComparison.Ordinal
        );
    }

    private sealed record Disposed<T>(T[] Items) : IDisposable
        where T : IDisposable
    {
        public void Dispose()
        {
            foreach (var item in Items)
                item.Dispose();
        }
    }
}
