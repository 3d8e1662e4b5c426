using System.Text.Json;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Tests;

/// <summary>The details of the released code as rules, against numbers worked out by hand.</summary>
public class ProtocolTests
{
    private static Experiment Released(Experiment experiment) => experiment.By(Protocol.Released);

    private static Many<Parameter> Parameters =>
        Cmsa
            .Models.Released.Model(Tiny.Sizes)
            .At(Tiny.Sizes.Inputs)
            .Match(g => g.Parameters, e => throw new Xunit.Sdk.XunitException($"{e}"));

    [Fact]
    public void Two_convolutions_decay_as_released()
    {
        var training = new Training(Protocol: Protocol.Released);
        Assert.Equal(
            ["mask.weight", "res5.reduce.weight"],
            Parameters.Filter(p => training.DecayOf(p) > 0).Select(p => p.Path).Order(StringComparer.Ordinal)
        );
        Assert.True(Parameters.Filter(p => new Training().DecayOf(p) > 0).Count > 10);
    }

    [Fact]
    public void Two_biases_have_the_larger_gradient_and_none_the_longer_step()
    {
        var training = new Training(Protocol: Protocol.Released);
        Assert.Equal(
            ["mask.bias", "res5.reduce.bias"],
            Parameters.Filter(p => training.GradientOf(p) == 2).Select(p => p.Path).Order(StringComparer.Ordinal)
        );
        Assert.All(Parameters.Filter(p => p.Role == Role.Bias), p => Assert.Equal(1, training.PaceOf(p)));
        Assert.All(Parameters, p => Assert.Equal(1, new Training().GradientOf(p)));
    }

    [Theory]
    [InlineData(1e-2, 0.05 * 2e-2 / (2e-2 + 1e-8))]
    [InlineData(1e-9, 0.05 * 2e-9 / (2e-9 + 1e-8))]
    public void Adam_scales_a_doubled_gradient_away_unless_it_is_tiny(double gradient, double step)
    {
        var model = Conv(1, 1).Named("mask");
        using var module = model
            .Compile(InputSpec.FeatureMap(1, 1, 1), new(Precision: Precision.Float64, Training: true))
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        using var adam = new Adam(module, new(LearningRate: 0.05, FinalRate: 0.05, WeightDecay: 0, Protocol: Protocol.Released));
        var bias = module.Tensors.First(t => t.Parameter.Path == "mask.bias").Tensor;
        var before = bias.item<double>();
        bias.mul(gradient).sum().backward();
        adam.Step(0, 0.05);
        Assert.Equal(-step, bias.item<double>() - before, 1e-12);
    }

    [Fact]
    public void A_target_as_released_has_every_pixel_that_the_mask_touches()
    {
        // A row of four pixels, the first one foreground, at twice the size: 1, 0.75, 0.25, 0, ...
        var picture = new Picture(1, 4, new byte[12]);
        var sample = new Sample("", picture, new BinaryMask(1, 4, [1, 0, 0, 0]), "a", ["a"], "");
        var vocabulary = Vocabulary.Build([["a"]]);
        Assert.Equal([1, 1, 0, 0, 0, 0, 0, 0], Row(Protocol.Clean));
        Assert.Equal([1, 1, 1, 0, 0, 0, 0, 0], Row(Protocol.Released));

        IEnumerable<float> Row(Protocol protocol) =>
            TrainingExample.Of(sample, vocabulary, 8, 2, PixelNormalization.Centred, truth: true, protocol).Truth.Skip(3 * 8).Take(8);
    }

    [Fact]
    public void Words_as_released_keep_their_blanks_and_are_unknown()
    {
        var sample = new Sample("", new(1, 1, new byte[3]), new(1, 1, [1]), "man, on , left .", ["man", ",", "on", ",", "left"], "");
        Assert.Equal(["man", ", ", "on", " , ", "left", " ."], Protocol.Released.WordsOf(sample));
        Assert.Equal(["man", ",", "on", ",", "left"], Protocol.Clean.WordsOf(sample));
        Assert.Equal(["man"], Protocol.Released.WordsOf("man."));
    }

    [Fact]
    public void An_answer_as_released_is_thresholded_and_then_enlarged()
    {
        // At four times four, a corner of two times two touches three times three pixels; the logits cross 0 earlier.
        var box = Letterbox.Of(4, 4, 2);
        float[] square = [1, -1, -1, -1];
        Assert.Equal(
            [1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0],
            ModelAnswer.MaskOf(box, square, AnswerRule.ResizedMask).Pixels
        );
        Assert.Equal(
            [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ModelAnswer.MaskOf(box, square, AnswerRule.ResizedLogits).Pixels
        );
    }

    [Fact]
    public void The_answer_of_a_wide_picture_is_cropped_from_the_middle()
    {
        var box = Letterbox.Of(2, 4, 4);
        float[] square = [1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1];
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 1], ModelAnswer.MaskOf(box, square, AnswerRule.ResizedMask).Pixels);
    }

    [Fact]
    public void A_logit_of_zero_is_background_as_released()
    {
        var box = Letterbox.Of(1, 1, 1);
        Assert.Equal([0], ModelAnswer.MaskOf(box, [0], AnswerRule.ResizedMask).Pixels);
        Assert.Equal([1], ModelAnswer.MaskOf(box, [0], AnswerRule.ResizedLogits).Pixels);
    }

    [Fact]
    public void An_experiment_of_the_usual_protocol_says_nothing_of_it()
    {
        var experiment = Tiny.Experiment();
        Assert.DoesNotContain("protocol", experiment.Json, StringComparison.Ordinal);
        Assert.Equal(experiment.Hash, experiment.By(Protocol.Clean).Hash);
        Assert.NotEqual(experiment.Hash, Released(experiment).Hash);
    }

    [Fact]
    public void A_protocol_goes_through_an_experiments_JSON()
    {
        var own = new Protocol(Targets: TargetRule.AnyPart, Answers: AnswerRule.ResizedMask);
        foreach (var protocol in (Many<Protocol>)[Protocol.Clean, Protocol.Released, own])
        {
            var experiment = Tiny.Experiment().By(protocol);
            Assert.Equal(experiment.Hash, Experiment.Parse(experiment.Json, "").Right().Hash);
            Assert.Equal(protocol, Experiment.Parse(experiment.Json, "").Right().Training.Protocol);
            Assert.Equal(protocol, Protocol.Parse(protocol.Json, "").Right());
        }
        Assert.Contains("\"protocol\": \"released\"", Released(Tiny.Experiment()).Json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protocol_that_does_not_exist_is_named_with_those_that_do()
    {
        Assert.Equal("there is no protocol relesed; use clean or released", $"{Protocol.Named("relesed").Left()}");
        Assert.Equal("model.onnx", Protocol.Parse("7", "model.onnx").Left().Where);
        var wrong = Released(Tiny.Experiment()).Json.Replace("\"released\"", "\"relesed\"", StringComparison.Ordinal);
        Assert.Contains("there is no protocol relesed", $"{Experiment.Parse(wrong, "experiment.json").Left()}", StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_in_several_ways_are_those_of_each_way_alone()
    {
        var experiment = Tiny.Experiment();
        var data = experiment.Data.Open().Right();
        using var module = experiment
            .Model.Compile(experiment.Inputs)
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        Many<AnswerWay> ways =
        [
            new(default, AnswerRule.ResizedLogits),
            new(default, AnswerRule.ResizedMask),
            new(new DenseCrf(), AnswerRule.ResizedMask),
        ];
        var answer = ModelAnswer.OfEach(module, experiment, data.Vocabulary, ways);
        var together = Evaluation.OfEach(data, "val", ways.Count, answer).Right();
        var alone = ways.Map(way =>
            Evaluation
                .Of(
                    data,
                    "val",
                    ModelAnswer.Of(
                        module,
                        experiment.By(new Protocol(Answers: way.Answers)),
                        data.Vocabulary,
                        way.Crf
                    )
                )
                .Right()
        );
        Assert.Equal(alone.Map(a => a.Total), together.Map(t => t.Total));
        Assert.Equal(alone.Map(a => a.Each), together.Map(t => t.Each));
        Assert.Equal(together[0].Total.Intersection, together[0].Each.Sum(e => e.Intersection));
    }
}
