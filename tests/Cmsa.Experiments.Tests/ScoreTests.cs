using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using TorchSharp;

namespace Cmsa.Experiments.Tests;

public class ScoreTests
{
    private static readonly IDataset Scenes = Tiny.Data.Open().Right();

    [Fact]
    public void Scores_are_what_a_person_counts()
    {
        var one = Score.Of(new(2, 2, [1, 1, 0, 0]), new(2, 2, [1, 0, 0, 0]));
        var two = Score.Of(new(1, 10, [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]), new(1, 10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]));
        var none = Score.Of(new(1, 2, [0, 0]), new(1, 2, [1, 1]));
        Assert.Equal((1L, 2L, .5), (one.Intersection, one.Union, one.OverallIou));
        Assert.Equal([1, 0, 0, 0, 0], one.Hits);
        Assert.Equal([1, 1, 1, 1, 0], two.Hits);
        var all = one + two + none;
        Assert.Equal(9 / 14.0, all.OverallIou, 12);
        Assert.Equal((.5 + .8 + 0) / 3, all.MeanIou, 12);
        Assert.Equal([2 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0], all.Precision);
    }

    [Fact]
    public void Who_knows_the_truth_scores_1_and_with_swapped_words_0()
    {
        Answer oracle = samples => [.. samples.Select(s => s.Truth)];
        var plainly = Evaluation.Of(Scenes, "val", oracle).Right();
        Assert.Equal((4, 1.0, 1.0), ((int)plainly.Total.Count, plainly.Total.OverallIou, plainly.Total.MeanIou));
        Assert.Equal(4, plainly.ByLength.Values.Sum(s => s.Count));
        Assert.Equal(4, plainly.ByTopic.Values.Sum(s => s.Count));
        Assert.Equal(0, Evaluation.Of(Scenes, "val", oracle, Asking.Swapped).Right().Total.OverallIou);
    }

    [Fact]
    public void A_split_that_is_not_there_is_an_error_that_lists_those_that_are() =>
        Assert.Contains("val", Evaluation.Of(Scenes, "none", samples => []).Left().Hint, StringComparison.Ordinal);

    [Fact]
    public void The_mean_mask_of_a_word_that_always_says_where_is_where()
    {
        var mean = MeanMask.Of(new Halves()).Right();
        Assert.Equal(1, Evaluation.Of(new Halves(), "val", mean.Answer).Right().Total.OverallIou, 2);
    }

    [Fact]
    public void The_loss_is_the_cross_entropy_summed_over_pixels_and_averaged_over_the_batch()
    {
        float[] x = [2, -1, .5f, 0, 3, -4],
            y = [1, 0, 0, 1, 0, 1];
        var expected =
            x.Zip(y, (l, t) => -(t * Math.Log(1 / (1 + Math.Exp(-l))) + (1 - t) * Math.Log(1 - 1 / (1 + Math.Exp(-l)))))
                .Sum() / 2;
        using var logits = torch.tensor(x, [2, 1, 3]);
        using var truth = torch.tensor(y, [2, 3]);
        using var loss = Loss.Of(logits, truth);
        Assert.Equal(expected, loss.item<float>(), 5);
    }

    [Fact]
    public void Every_word_has_a_heat_map_from_0_to_1_at_the_size_of_the_picture()
    {
        using var folder = new Folder();
        var run = Trainer.Run(Tiny.Experiment(1), folder.Path).Right().Run;
        var probes = HeatMaps.Probes(run.Experiment);
        Assert.Equal(3, probes.Count);
        using var module = run.Model(new(Probes: probes)).Right();
        var sample = Scenes.Read("val", 0).Right();
        var heat = HeatMaps.Of(module, run.Experiment, run.Vocabulary, sample);
        Assert.Equal(sample.Tokens, heat.Select(h => h.Word));
        Assert.All(
            heat,
            h => Assert.Equal((sample.Picture.Rgb.Length / 3, 0, 1), (h.Values.Length, h.Values.Min(), h.Values.Max()))
        );
    }

    [Fact]
    public void A_report_is_one_file_that_needs_no_other()
    {
        using var folder = new Folder();
        var run = Trainer.Run(Tiny.Experiment(20), folder.Path).Right().Run;
        var report = Report.Of(run, Scenes, crf: true).Right();
        var html = report.ToHtml();
        Assert.True(report.Refined.IsSome && report.Gallery.ForAll(e => e.Refined.IsSome));
        Assert.Contains("dense CRF behind it", html, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
        Assert.Contains("words swapped", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_field_behind_an_answer_is_given_the_letterboxed_picture_and_the_model_s_logits_on_it()
    {
        var edges = Tiny.Experiment() with { Model = Conv(1, 3).AsModel() };
        using var module = edges
            .Model.Compile(edges.Inputs, new(Seed: 3))
            .Match(Succ: m => m, Fail: e => throw new InvalidOperationException($"{e}"));
        var picture = new Picture(
            20,
            40,
            [
                .. Enumerable
                    .Range(0, 20 * 40 * 3)
                    .Select(i => (byte)(i / 3 % 40 < 17 ? 40 + i * 37 % 23 : 180 - i * 29 % 31)),
            ]
        );
        var sample = new Sample("a", picture, new(20, 40, new byte[800]), "red", ["red"], "");
        var box = Letterbox.Of(20, 40, 32);
        using var pixels = torch.tensor(PixelNormalization.Centred.Of(box.Fit(picture).Rgb), [1, 3, 32, 32]);
        using var words = torch.ones([1, 8], torch.ScalarType.Int64);
        using var logits = module.Run(pixels, words);
        var square = logits.data<float>().ToArray();
        var (plain, refined) = (Answered(LanguageExt.Prelude.None), Answered(new DenseCrf()));
        Assert.Equal(box.Restore(square).Select(l => (byte)(l >= 0 ? 1 : 0)), plain);
        Assert.Equal(
            box.Restore(new DenseCrf().Refine(box.Fit(picture), square).Right()).Select(l => (byte)(l >= 0 ? 1 : 0)),
            refined
        );
        Assert.NotEqual(plain, refined);

        byte[] Answered(LanguageExt.Option<DenseCrf> crf) =>
            ModelAnswer.Of(module, edges, Scenes.Vocabulary, crf)([sample])[0].Pixels;
    }

    // "left" is the left half, "right" the right.
    private sealed class Halves : IDataset
    {
        public string Name => "halves";

        public Many<string> Splits => ["train", "val"];

        public Vocabulary Vocabulary =>
            Vocabulary.Build([
                ["left", "right"],
            ]);

        public int Count(string split) => 10;

        public LanguageExt.Either<Error, Sample> Read(string split, int index)
        {
            var word = index % 2 == 0 ? "left" : "right";
            return new Sample(
                $"{index}",
                new(8, 8, new byte[192]),
                new(8, 8, [.. Enumerable.Range(0, 64).Select(i => (byte)(i % 8 < 4 == (index % 2 == 0) ? 1 : 0))]),
                word,
                [word],
                word
            );
        }
    }
}
