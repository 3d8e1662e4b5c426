using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Specs;
using Cmsa.Models;

namespace Cmsa.Experiments.Tests;

public class ExperimentTests
{
    [Fact]
    public void Equal_experiments_have_equal_hashes_and_what_is_written_is_read_back()
    {
        var (one, two) = (Tiny.Experiment(), Tiny.Experiment());
        Assert.Equal(one, two);
        Assert.Equal(one.Hash, two.Hash);
        var read = Experiment.Parse(one.Json, "a file").Right();
        Assert.Equal(one, read);
        Assert.Equal(one.Json, read.Json);
    }

    [Fact]
    public void The_hash_stays_what_it_was()
    {
        // A change of this number means that every run on every disk is done again: change it only when a run's numbers
        // change.
        var experiment = new Experiment("x", Conv(1, 1).AsModel(), 32, 8, Tiny.Data, new(10));
        Assert.Matches("^[0-9a-f]{10}$", experiment.Hash);
        Assert.Equal(
            experiment.Hash,
            (experiment with { Name = "y", Data = experiment.Data with { Root = "elsewhere" } }).Hash
        );
    }

    [Fact]
    public void Whatever_numbers_depend_on_changes_the_hash()
    {
        var e = Tiny.Experiment();
        Experiment[] others =
        [
            e with
            {
                Seed = 1,
            },
            e with
            {
                Pixels = PixelNormalization.Caffe,
            },
            e with
            {
                Image = 64,
            },
            e with
            {
                Words = 9,
            },
            e with
            {
                Data = e.Data with { Seed = 1 },
            },
            e with
            {
                Training = e.Training with { LearningRate = 1e-4 },
            },
            e with
            {
                Model = e.Model.Replace<SelfAttention>(a => a with { Over = AttentionScope.Pixels }),
            },
        ];
        Assert.Equal(others.Length + 1, others.Append(e).Select(o => o.Hash).Distinct().Count());
    }

    [Fact]
    public void The_rate_falls_by_a_power_of_the_time_left()
    {
        var paper = new Training();
        Assert.Equal(2.5e-4, paper.RateAt(0), 12);
        Assert.Equal((2.5e-4 - 1e-5) * Math.Pow(.5, .9) + 1e-5, paper.RateAt(400_000), 12);
        Assert.Equal(1e-5, paper.RateAt(800_000), 12);
        var warm = paper with { Warmup = 10 };
        Assert.Equal(paper.RateAt(4) * .5, warm.RateAt(4), 12);
        Assert.Equal(paper.RateAt(10), warm.RateAt(10), 12);
    }

    [Fact]
    public void Only_weights_of_convolutions_decay_and_biases_learn_faster()
    {
        var training = new Training();
        var graph = Paper
            .Model(Sizes.Paper)
            .At(Sizes.Paper.Inputs)
            .Match(Succ: p => p, Fail: e => throw new InvalidOperationException($"{e}"));
        var decayed = graph.Parameters.Filter(p => training.DecayOf(p) > 0);
        Assert.NotEmpty(decayed);
        Assert.All(
            decayed,
            p =>
                Assert.True(
                    p.Role == Role.Weight
                        && p.Of.Has(Axis.KernelRow)
                        && p.Path.EndsWith(".weight", StringComparison.Ordinal)
                )
        );
        Assert.All(
            graph.Parameters,
            p =>
                Assert.Equal(
                    p.Role switch
                    {
                        Role.Bias => 2,
                        Role.Frozen or Role.Statistic => 0,
                        _ => 1,
                    },
                    training.PaceOf(p)
                )
        );
        Assert.All(
            graph.Parameters.Filter(p => p.Path.StartsWith("backbone", StringComparison.Ordinal)),
            p => Assert.Equal(0, training.PaceOf(p))
        );
    }

    [Fact]
    public void A_folder_of_your_own_is_named_by_its_name_wherever_it_is()
    {
        var (here, there) = (Directory.CreateTempSubdirectory("cmsa"), Directory.CreateTempSubdirectory("cmsa"));
        try
        {
            var specs = new[] { here, there }.Select(at => Named(at, "mine")).ToArray();
            Assert.All(specs, spec => Assert.Equal("folder/mine", spec.Name));
            Assert.All(specs, spec => Assert.Equal(1, spec.Open().Right().Count("train")));
            Assert.Equal(specs[0] with { Root = "" }, specs[1] with { Root = "" });
        }
        finally
        {
            here.Delete(recursive: true);
            there.Delete(recursive: true);
        }

        static DataSpec Named(DirectoryInfo at, string name)
        {
            var folder = at.CreateSubdirectory(name).FullName;
            File.WriteAllBytes(Path.Combine(folder, "a.png"), PictureFile.Png(new(2, 2, new byte[12])));
            File.WriteAllText(
                Path.Combine(folder, "train.jsonl"),
                """{"picture": "a.png", "expression": "all", "mask": [[0, 0, 2, 0, 2, 2, 0, 2]]}"""
            );
            return DataSpec.Of(folder, "");
        }
    }

    [Theory]
    [InlineData("scenes/none"), InlineData("nothing"), InlineData("refcoco/unc"), InlineData("/")]
    public void A_data_set_that_is_not_there_is_one_error(string name) =>
        Assert.Equal(name, new DataSpec(name).Open().Left().Where);

    public static TheoryData<string, Training> Meaningless =>
        new()
        {
            { "the patience is -1", new(Patience: -1) },
            { "a patience of 3 validations, and none on the way", new(Patience: 3, ValidateEvery: 0) },
            { "a decay of averaged weights (EMA) of 1", new(Ema: 1) },
            { "a decay of averaged weights (EMA) of NaN", new(Ema: double.NaN) },
            { "the longest gradient (clip) is NaN", new(ClipNorm: double.NaN) },
            { "the weight decay is NaN", new(WeightDecay: double.NaN) },
            { "the learning rate is Infinity", new(LearningRate: double.PositiveInfinity) },
            { "the final rate is -1", new(FinalRate: -1) },
            { "the power is NaN", new(Power: double.NaN) },
            { "the pace of biases is -2", new(BiasRate: -2) },
            { "the number of steps of the warm-up is -3", new(Warmup: -3) },
            { "the number of samples of a validation is 0", new(ValidateOn: 0) },
            { "the number of iterations is 0", new(Iterations: 0) },
            { "a rate from 0 to 1E-05", new(LearningRate: 0) },
        };

    [Theory, MemberData(nameof(Meaningless))]
    public void A_number_that_means_nothing_is_named_with_what_it_is_of(string said, Training training) =>
        Assert.Equal(said, Trainer.Run(Tiny.Experiment() with { Training = training }, "nowhere").Left().What);

    [Fact]
    public void A_mask_of_other_sizes_than_the_picture_is_one_error_and_nothing_is_made()
    {
        using var folder = new Folder();
        var failure = Trainer
            .Run(Tiny.Experiment() with { Model = Paper.Model(Tiny.Sizes with { Image = 16 }) }, folder.Path)
            .Left();
        Assert.Equal("the model tiny answers with a mask of 16x16 pixels to a picture of 32x32", failure.What);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_model_that_knows_too_few_words_is_one_error_and_nothing_is_made()
    {
        using var folder = new Folder();
        var failure = Trainer
            .Run(Tiny.Experiment() with { Model = Paper.Model(Tiny.Sizes with { Vocabulary = 7 }) }, folder.Path)
            .Left();
        Assert.Equal(
            $"the model tiny knows 7 words, and scenes/unc has {Tiny.Data.Open().Right().Vocabulary.Count}",
            failure.What
        );
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_one_error() =>
        Assert.Contains(
            "expected at least 1",
            Trainer.Run(Tiny.Experiment() with { Words = 0 }, "nowhere").Left().ToString(),
            StringComparison.Ordinal
        );
}

internal static class Models
{
    /// <summary>A model that looks at the picture alone.</summary>
    public static Layer<(Image, Tokens), Mask> AsModel(this Layer<FeatureMap, FeatureMap> layer) =>
        new First<Image, Tokens>() >> Pixels >> layer >> Upsample(32);
}
