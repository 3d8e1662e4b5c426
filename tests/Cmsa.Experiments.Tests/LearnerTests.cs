using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;
using Image = Cmsa.Dsl.Image;

namespace Cmsa.Experiments.Tests;

/// <summary>Models of other kinds than referring segmentation, trained by data, losses and metrics of an author.</summary>
[Trait("Speed", "Slow")]
public class LearnerTests
{
    private const int Side = 6,
        Pixels = Side * Side,
        Colours = 3;

    // Noise in three channels; the class of a pixel is its strongest channel.
    private static Example Noise(string split, int index)
    {
        var random = new Random(split.Length * 1000 + index);
        var pixels = Enumerable.Range(0, 3 * Pixels).Select(_ => (float)random.NextDouble()).ToArray();
        var classes = Enumerable
            .Range(0, Pixels)
            .Select(p => (long)Enumerable.Range(0, Colours).MaxBy(c => pixels[c * Pixels + p]))
            .ToArray();
        return new([pixels], [classes]);
    }

    private static Dataset<Image, ClassMap> Data { get; } =
        new(
            "noise",
            [("train", 40), ("val", 7)],
            InputSpec.Of<ClassMap>(Side, Side),
            (split, index) => Noise(split, index)
        );

    // Two heads on one trunk, the second for deep supervision alone.
    private static Layer<Image, (FeatureMap, FeatureMap)> TwoHeads { get; } =
        Cmsa.Dsl.Layers.Syntax.Pixels
        >> Conv(6, 1).Named("trunk")
        >> BatchNorm().Named("norm")
        >> Relu
        >> (Conv(Colours, 1).Named("first") & Conv(Colours, 1).Named("second"));

    private static Learner<Image, (FeatureMap, FeatureMap), ClassMap> Supervised(
        int iterations = 40,
        Optimizer? optimizer = null,
        Training? training = null
    ) =>
        Learner.Of(
            "two-heads",
            TwoHeads,
            InputSpec.Image(Side, Side),
            Data,
            Losses.Both(Losses.PixelCrossEntropy(), Losses.PixelCrossEntropy(), weight: 0.4),
            training ?? Training.Of(iterations, batch: 4, rate: 0.02) with { ValidateEvery = 15, SaveEvery = 10 },
            [
                Metrics.MeanIou(Colours).OnFirst<FeatureMap>(),
                Metrics.PixelAccuracy().OnSecond<FeatureMap>().Named("accuracy_of_second"),
            ],
            optimizer
        );

    public static TheoryData<string> Optimizers => ["adam", "sgd"];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_run_that_was_cut_off_ends_bit_for_bit_where_the_uninterrupted_ends(string name)
    {
        using var folder = new Folder();
        var optimizer = name == "adam" ? Optimizer.Adam : Optimizer.Sgd(0.8, nesterov: true);
        var learner = Supervised(optimizer: optimizer) with
        {
            Training = Supervised().Training with { Ema = 0.9, Shards = 2, Accumulate = 2, ClipNorm = 1, Patience = 9 },
        };
        var whole = Trainer.Run(learner, Path.Combine(folder.Path, "whole")).Right();
        var parts = Path.Combine(folder.Path, "parts");
        Trainer.Run(learner, parts, steps: Some(17)).Right();
        var second = Trainer.Run(learner, parts, steps: Some(6)).Right();
        Assert.False(second.IsDone);
        // As a process leaves it that was killed after its last checkpoint but one.
        File.Move(second.Run.Files.PreviousFile, second.Run.LastFile, overwrite: true);
        var resumed = Trainer.Run(learner, parts).Right();
        Assert.True(whole.IsDone && resumed.IsDone);
        Assert.Equal(40, resumed.At.Step);
        Same(whole.Run.LastFile, resumed.Run.LastFile);
        Same(whole.Run.BestFile, resumed.Run.BestFile);
        Same(whole.Run.Files.BestAverageFile, resumed.Run.Files.BestAverageFile);
        Assert.Equal(Values(whole.Run.LogFile), Values(resumed.Run.LogFile));
        Assert.Equal([15, 30, 40], Log.Series(whole.Run.LogFile, "ema_mean_iou").Select(p => (int)p.Step));
    }

    [Fact]
    public void Both_outputs_of_deep_supervision_learn()
    {
        using var folder = new Folder();
        var learner = Supervised(300);
        using var start = learner.Model.Compile(learner.Inputs, new(Training: true)).IfFail(_ => null!);
        var before = start.Tensors.ToDictionary(t => t.Parameter.Path, t => Numbers(t.Tensor));
        var trained = Trainer.Run(learner, folder.Path).Right();
        using var model = trained.Run.Model().Right();
        foreach (var path in new[] { "trunk.weight", "first.weight", "first.bias", "second.weight", "second.bias" })
            Assert.All(
                before[path].Zip(Numbers(model.Tensors.Single(t => t.Parameter.Path == path).Tensor)),
                pair => Assert.NotEqual(pair.Item1, pair.Item2)
            );
        var scores = trained.Run.Evaluate().Right();
        Assert.Equal(7, scores.Samples);
        Assert.True(scores["mean_iou"] > 0.7, $"{scores}");
        Assert.True(scores["accuracy_of_second"] > 0.8, $"{scores}");
        Assert.Equal(trained.Run.Best.IfNone(-1), scores["mean_iou"], 1e-9);
        var losses = Log.Series(trained.Run.LogFile, "loss").Select(p => p.Value).ToArray();
        Assert.True(losses[^1] < losses[0] / 2, string.Join(" ", losses));
    }

    [Fact]
    public void Without_metrics_the_loss_decides_and_lower_is_better()
    {
        using var folder = new Folder();
        var learner = Supervised(60) with { Metrics = [] };
        var trained = Trainer.Run(learner, folder.Path).Right();
        var validated = Log.Series(trained.Run.LogFile, "validation_loss").Select(p => p.Value).ToArray();
        Assert.Equal(4, validated.Length);
        Assert.Equal(validated.Min(), trained.Run.Best.IfNone(-1));
    }

    [Fact]
    public void The_log_is_a_table_and_an_event_file_too()
    {
        using var folder = new Folder();
        var trained = Trainer.Run(Supervised(20), folder.Path).Right();
        var table = File.ReadAllLines(Path.Combine(trained.Run.Path, "log.csv"));
        Assert.Equal(
            "step,loss,rate,images_per_second,seconds,waited,memory,gradient_norm,validation_loss,mean_iou,"
                + "accuracy_of_second,ema_validation_loss,ema_mean_iou,ema_accuracy_of_second",
            table[0]
        );
        // A validation at 15, a line of training and a validation at 20.
        Assert.Equal(["15", "20", "20"], table.Skip(1).Select(row => row.Split(',')[0]));
        Assert.Single(Directory.GetFiles(trained.Run.Path, "events.out.tfevents.*"));
    }

    [Fact]
    public void Tokens_and_a_label_of_the_whole_sample_train_too()
    {
        using var folder = new Folder();
        // The class is whether word 1 is there.
        var data = new Dataset<Tokens, Label>(
            "words",
            [("train", 64), ("val", 16)],
            InputSpec.Of<Label>(),
            (split, index) => new Example([new long[] { 0, 2 + index % 3, 1 + index % 2 }], [index % 2])
        );
        var model = Embedding(6, 8).Named("embed") >> SentenceMean >> Linear<Sentence>(2).Named("fc");
        var learner = Learner.Of(
            "words",
            model,
            InputSpec.Tokens(3),
            data,
            Losses.CrossEntropy<Sentence>(),
            Training.Of(120, 8, 0.05),
            [Metrics.Accuracy<Sentence>()]
        );
        var scores = Trainer.Run(learner, folder.Path).Right().Run.Evaluate().Right();
        Assert.Equal(1, scores["accuracy"]);
    }

    [Fact]
    public void A_sample_that_cannot_be_read_costs_itself_alone()
    {
        using var folder = new Folder();
        var skipped = new List<Error>();
        var data = Data with
        {
            Read = (split, index) =>
                index == 3 ? new Error("torn")
                : index == 5 ? new Example([new float[5]], [new long[Pixels]])
                : Noise(split, index),
        };
        var trained = Trainer
            .Run(
                Supervised(20) with { Data = data },
                folder.Path,
                progress: new Relay<Progress>(p => skipped.AddRange(p is Progress.Skipped s ? [s.Error] : []))
            )
            .Right();
        Assert.True(trained.IsDone && trained.Skipped > 0);
        Assert.Equal(
            [
                "noise/train/3: torn",
                "noise/train/5: input image has 5 numbers; give 3x6x6 = 108, in the order of its axes",
            ],
            skipped.Select(e => $"{e}").Order()
        );
        Assert.Equal(5, trained.Run.Evaluate().Right().Samples);
    }

    [Fact]
    public void What_types_do_not_say_is_checked_before_anything_is_trained()
    {
        using var folder = new Folder();
        var learner = Supervised();
        Assert.Equal(
            "cross-entropy: the model gives [3, 6, 6], and the truth ClassMap has [5, 6]; "
                + "give a truth of [6, 6], or end the model with a layer that brings it to [5, 6]",
            Refused(learner with { Data = Data with { Truth = InputSpec.Of<ClassMap>(5, 6) } })
        );
        Assert.Contains(
            "a truth of Label",
            Refused(learner with { Data = Data with { Truth = InputSpec.Of<Label>() } }),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "mean_iou: scores of 3 classes; give the metric as many classes as the model has, not 4",
            Refused(learner with { Metrics = [Metrics.MeanIou(4).OnFirst<FeatureMap>()] })
        );
        Assert.Equal(
            "the metrics: two metrics of one name; rename one with Named",
            Refused(
                learner with
                {
                    Metrics =
                    [
                        Metrics.PixelAccuracy().OnFirst<FeatureMap>(),
                        Metrics.PixelAccuracy().OnSecond<FeatureMap>(),
                    ],
                }
            )
        );
        Assert.Contains(
            "\"loss\" as a metric's name",
            Refused(learner with { Metrics = [learner.Metrics[0].Named("loss")] }),
            StringComparison.Ordinal
        );
        Assert.Contains("momentum of 1.5", Refused(learner with { Optimizer = Optimizer.Sgd(1.5) }), StringComparison.Ordinal);
        Assert.Contains(
            "no samples in val",
            Refused(learner with { Data = Data with { Splits = [("train", 3), ("val", 0)] } }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "of referring segmentation alone",
            Refused(learner with { Training = learner.Training with { Expressions = 2 } }),
            StringComparison.Ordinal
        );
        // All samples are of the form of the first: what is wrong with that is said at once.
        Assert.Equal(
            "noise/train/0: truth ClassMap has class 3; give classes from 0 to 2, or -100 for none",
            Refused(Reading(learner, [Enumerable.Repeat(3L, Pixels).ToArray()]))
        );
        Assert.Equal(
            "noise/train/0: truth ClassMap has real numbers; give integers",
            Refused(Reading(learner, [new float[Pixels]]))
        );
        Assert.Equal("noise/train/0: a sample with 0 truths; give 1: truth ClassMap", Refused(Reading(learner, [])));

        string Refused(Learner<Image, (FeatureMap, FeatureMap), ClassMap> wrong) =>
            $"{Trainer.Run(wrong, folder.Path).Left()}";
    }

    [Fact]
    public void The_hash_is_of_what_changes_numbers_and_not_of_the_name()
    {
        var learner = Supervised();
        Assert.Equal(learner.Hash, (learner with { Name = "other" }).Hash);
        string[] hashes =
        [
            learner.Hash,
            (learner with { Seed = 1 }).Hash,
            (learner with { Optimizer = Optimizer.Sgd() }).Hash,
            (learner with { Loss = 2 * learner.Loss }).Hash,
            (learner with { Data = Data with { Name = "noise-2" } }).Hash,
            (learner with { Training = learner.Training with { Batch = 5 } }).Hash,
            (learner with { Metrics = [] }).Hash,
            (learner with { Inputs = InputSpec.Image(12, 12) }).Hash,
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Another_name_of_the_same_learner_goes_on_with_its_run()
    {
        using var folder = new Folder();
        var first = Trainer.Run(Supervised(20), folder.Path, steps: Some(5)).Right();
        var second = Trainer.Run(Supervised(20) with { Name = "renamed" }, folder.Path).Right();
        Assert.Equal(first.Run.Path, second.Run.Path);
        Assert.True(second.IsDone);
    }

    private static Learner<Image, (FeatureMap, FeatureMap), ClassMap> Reading(
        Learner<Image, (FeatureMap, FeatureMap), ClassMap> learner,
        Many<Numbers> truth
    ) => learner with { Data = Data with { Read = (split, index) => Noise(split, index) with { Truth = truth } } };

    // All of a log but what time and memory it took, and the mean loss since the last line or resumption.
    private static string[] Values(string log) =>
        [
            .. Log.Read(log)
                .Select(line =>
                {
                    foreach (var name in new[] { "seconds", "images_per_second", "waited", "memory", "loss" })
                        line.Values.Remove(name);
                    return line.Values.ToJsonString();
                }),
        ];

    private static float[] Numbers(TorchSharp.torch.Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void Same(string expected, string actual)
    {
        using var left = TensorFile.Read(expected).Right();
        using var right = TensorFile.Read(actual).Right();
        Assert.Equal(left.Texts[TensorFile.Digest], right.Texts[TensorFile.Digest]);
        Assert.Equal(left.Tensors.Keys.Order(), right.Tensors.Keys.Order());
    }
}
