using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Specs;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TorchSharp;
using static TorchSharp.torch;
using Image = Cmsa.Dsl.Image;

namespace Cmsa.Experiments.Tests;

/// <summary>Losses, metrics and SGD against numbers by hand and against TorchSharp's own optimizer.</summary>
public class LossTests
{
    private static Output.One One(Tensor of) => new(of);

    // softmax(0, ln 2, ln 3) is 1/6, 2/6, 3/6.
    private static readonly float[] sixths = [0, MathF.Log(2), MathF.Log(3)];

    [Fact]
    public void Cross_entropy_is_the_mean_of_minus_log_probabilities()
    {
        using var scope = NewDisposeScope();
        var scores = One(tensor((float[])[.. sixths, .. sixths], [2, 3]));
        var expected = (Math.Log(6) + Math.Log(2)) / 2;
        Assert.Equal(expected, Of(Losses.CrossEntropy(), scores, One(tensor((long[])[0, 2]))), 1e-6);
        Assert.Equal(Math.Log(6), Of(Losses.CrossEntropy(), scores, One(tensor((long[])[0, -100]))), 1e-6);
        Assert.Equal(Math.Log(2), Of(Losses.CrossEntropy(7), scores, One(tensor((long[])[7, 2]))), 1e-6);
    }

    [Fact]
    public void Of_nothing_that_counts_the_cross_entropy_is_zero_with_no_gradient()
    {
        using var scope = NewDisposeScope();
        var scores = zeros([1, 3], requires_grad: true);
        var loss = Losses.CrossEntropy().Of(One(scores), One(tensor((long[])[-100])));
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Assert.Equal([0, 0, 0], scores.grad!.data<float>().ToArray());
    }

    [Fact]
    public void An_answer_of_the_ignored_class_is_not_right()
    {
        using var scope = NewDisposeScope();
        // Both answer class 0; the first truth is 0, which does not count.
        var scores = One(tensor((float[])[1, 0, 1, 0], [2, 2]));
        Assert.Equal(0, Value(Metrics.Accuracy(ignored: 0), scores, One(tensor((long[])[0, 1]))));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(-1)]
    [InlineData(float.NaN)]
    public void A_mask_of_other_numbers_than_shares_is_refused(float wrong)
    {
        var mask = new ExampleTensor("truth Mask", [1, 2], ScalarType.Float32, new(2, LanguageExt.Option<int>.None));
        Assert.Contains("give numbers from 0 to 1", $"{mask.Problem((float[])[0.5f, wrong])}", StringComparison.Ordinal);
        Assert.True(mask.Problem((float[])[0, 1]).IsNone);
        Assert.True(mask.Problem((byte[])[0, 255]).IsSome);
    }

    [Fact]
    public void Pixel_cross_entropy_is_that_of_all_pixels()
    {
        using var scope = NewDisposeScope();
        // Two pixels of one row, each with these scores: the class axis is before row and column.
        var scores = One(tensor((float[])[.. sixths.SelectMany(s => new[] { s, s })], [1, 3, 1, 2]));
        var truth = One(tensor((long[])[1, 2], [1, 1, 2]));
        Assert.Equal((Math.Log(3) + Math.Log(2)) / 2, Of(Losses.PixelCrossEntropy(), scores, truth), 1e-6);
    }

    [Fact]
    public void Binary_cross_entropy_and_squared_errors_are_means_over_elements()
    {
        using var scope = NewDisposeScope();
        var logits = One(tensor((float[])[0, MathF.Log(3)], [1, 1, 2]));
        var truth = One(tensor((float[])[1, 0], [1, 1, 2]));
        // The probabilities are 1/2 and 3/4.
        Assert.Equal((Math.Log(2) + Math.Log(4)) / 2, Of(Losses.BinaryCrossEntropy(), logits, truth), 1e-6);
        var left = One(tensor((float[])[1, 2, 5], [1, 3]));
        var right = One(tensor((float[])[1, 4, 2], [1, 3]));
        Assert.Equal((0 + 4 + 9) / 3.0, Of(Losses.MeanSquaredError<Vector>(), left, right), 1e-6);
        Assert.Equal(5 / 3.0, Value(Metrics.MeanAbsoluteError<Vector>(), left, right), 1e-12);
    }

    [Fact]
    public void Losses_of_several_outputs_are_weighted_sums()
    {
        using var scope = NewDisposeScope();
        var error = Losses.MeanSquaredError<Vector>();
        var (zero, two, three) = (One(zeros(1, 1)), One(full([1, 1], 2f)), One(full([1, 1], 3f)));
        var pair = new Output.Pair(two, three);
        Assert.Equal(4 + 0.5 * 9, Of(Losses.Both(error, error, 0.5), pair, zero), 1e-6);
        Assert.Equal(4 + 0.5 * 1, Of(Losses.Each(error, error, 0.5), pair, new Output.Pair(zero, two)), 1e-6);
        Assert.Equal(3 * 4 + 4, Of(3 * error + error, two, zero), 1e-6);
        var levels = new Output.Levels([("a", two), ("b", three)]);
        Assert.Equal((4 + 9) / 2.0, Of(Losses.OfLevels(error), levels, zero), 1e-6);
        Assert.Equal("(mean squared error + 0.5 * mean squared error)", Losses.Both(error, error, 0.5).Name);
    }

    [Fact]
    public void Metrics_are_these_numbers()
    {
        using var scope = NewDisposeScope();
        // Four pixels; the highest scores are of classes 0, 1, 1, 2.
        var scores = One(eye(4).narrow(1, 0, 4).index_select(0, tensor((long[])[0, 1, 1, 2])).t().reshape(1, 4, 1, 4));
        var truth = One(tensor((long[])[0, 1, 2, 2], [1, 1, 4]));
        // IoU: 1 of 1, 1 of 2, 1 of 2; nobody has class 3.
        Assert.Equal((1 + 0.5 + 0.5) / 3, Value(Metrics.MeanIou(4), scores, truth), 1e-12);
        Assert.Equal(3 / 4.0, Value(Metrics.PixelAccuracy(), scores, truth), 1e-12);
        var without = One(tensor((long[])[0, 1, -100, 2], [1, 1, 4]));
        Assert.Equal(1, Value(Metrics.MeanIou(4), scores, without), 1e-12);
        Assert.Equal(1, Value(Metrics.PixelAccuracy(), scores, without), 1e-12);
        var logits = One(tensor((float[])[1, 0, -1, 2], [1, 2, 2]));
        var mask = One(tensor((float[])[1, 0, 1, 1], [1, 2, 2]));
        Assert.Equal(2 / 4.0, Value(Metrics.OverallIou(), logits, mask), 1e-12);
        var labels = One(tensor((long[])[2, 1]));
        Assert.Equal(0.5, Value(Metrics.Accuracy(), One(tensor((float[])[.. sixths, .. sixths], [2, 3])), labels), 1e-12);
        Assert.Equal(double.NaN, Value(Metrics.Accuracy(), One(zeros(1, 3)), One(tensor((long[])[-100]))));
    }

    [Property(MaxTest = 60)]
    public Property A_metric_does_not_depend_on_how_samples_fall_into_batches() =>
        Prop.ForAll(
            Gen.Choose(0, 2).ArrayOf(24).Zip(Gen.Choose(0, 2).ArrayOf(24)).Zip(Gen.Choose(1, 5)).ToArbitrary(),
            drawn =>
            {
                using var scope = NewDisposeScope();
                var ((given, right), cut) = drawn;
                // Six samples of four pixels.
                var scores = nn.functional.one_hot(tensor([.. given.Select(g => (long)g)], [6, 2, 2]), 3).permute(0, 3, 1, 2);
                var truth = tensor([.. right.Select(r => (long)r)], [6, 2, 2]);
                return new[] { Metrics.MeanIou(3), Metrics.PixelAccuracy() }.All(metric =>
                {
                    double[] Counts(long from, long to) =>
                        metric
                            .Count(One(scores.narrow(0, from, to - from)), One(truth.narrow(0, from, to - from)))
                            .data<double>()
                            .ToArray();
                    var parts = Counts(0, cut).Zip(Counts(cut, 6), (a, b) => a + b);
                    return metric.Value([.. parts]).Equals(metric.Value([.. Counts(0, 6)]));
                });
            }
        );

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.9, false)]
    [InlineData(0.9, true)]
    public void Sgd_takes_the_steps_of_torchsharp(double momentum, bool nesterov)
    {
        using var scope = NewDisposeScope();
        var model = Pixels >> Conv(2, 3).Named("conv");
        var training = Training.Of(10, 1) with { WeightDecay = 0.1 };
        using var module = model.Compile(InputSpec.Image(4, 4), new(Training: true, Precision: Precision.Float64)).IfFail(_ => null!);
        var ours = module.Tensors.ToDictionary(t => t.Parameter.Path, t => t.Tensor);
        var theirs = ours.ToDictionary(t => t.Key, t => new TorchSharp.Modules.Parameter(t.Value.detach().clone()));
        using var sgd = new Sgd(module, training, momentum, nesterov);
        var peers = theirs
            .Select(t =>
                optim.SGD(
                    [t.Value],
                    learningRate: 0.05,
                    momentum: momentum,
                    weight_decay: t.Key == "conv.weight" ? 0.1 : 0,
                    nesterov: nesterov
                )
            )
            .ToArray();
        for (var step = 0; step < 5; step++)
        {
            module.zero_grad();
            foreach (var peer in peers)
                peer.zero_grad();
            foreach (var (path, value) in ours)
            {
                value.mul(value).sum().backward();
                theirs[path].mul(theirs[path]).sum().backward();
            }
            sgd.Step(step, 0.05);
            foreach (var peer in peers)
                peer.step();
        }
        foreach (var (path, value) in ours)
            Assert.True(value.allclose(theirs[path], rtol: 1e-12, atol: 1e-12), path);
    }

    private static double Of<B, T>(Loss<B, T> loss, Output result, Output truth) =>
        loss.Of(result, truth).to(ScalarType.Float64).item<double>();

    private static double Value<B, T>(Metric<B, T> metric, Output result, Output truth) =>
        metric.Value([.. metric.Count(result, truth).data<double>().ToArray()]);
}
