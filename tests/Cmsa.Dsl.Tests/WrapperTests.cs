using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>A video: a feature map a frame.</summary>
public sealed class Video : IKind
{
    private Video() { }

    /// <summary>The frames of a video, outside all that a frame has.</summary>
    public static Axis Frame { get; } = new("frame", after: Axis.Batch);

    public static Many<Axis> Axes => [Frame, Axis.Channel, Axis.Row, Axis.Column];
}

/// <summary>What stands around a layer: kinds of one's own, initial values, precision, freezing, repetition.</summary>
public class WrapperTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(4, 3, 5);
    private static readonly Options exact = new(Precision: Precision.Float64);

    [Fact]
    public void An_axis_stands_where_it_was_declared()
    {
        Axis frame = new("frame", after: Axis.Batch),
            clip = new("clip", after: frame),
            box = new("box", after: Axis.Word),
            free = new("free");
        Axis[] ordered =
        [
            Axis.Batch,
            frame,
            clip,
            Axis.Head,
            Axis.Word,
            box,
            Axis.Channel,
            Axis.Row,
            Axis.Column,
            free,
            frame.Prime,
            Axis.Word.Prime,
        ];
        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.Equal(frame, frame.Prime.Prime);
        Assert.Equal(frame, new Axis("frame", after: Axis.Batch));
    }

    [Fact]
    public void A_video_runs_a_layer_for_feature_maps_on_every_frame()
    {
        using var scope = NewDisposeScope();
        var frame =
            Conv(3, 3) >> BatchNorm() >> Relu >> MaxPool(3, stride: 2, padding: 1) >> Residual(Conv(3, 1) >> Sigmoid);
        var video = frame.Each<Video, Video>().Compile(InputSpec.Of<Video>(2, 4, 6, 5), exact).Fits();
        var still = frame.Compile(InputSpec.FeatureMap(4, 6, 5), exact).Fits();
        still.load_state_dict(video.state_dict());
        var x = Drawn.Uniform("video", [3, 2, 4, 6, 5]);
        var together = video.Run(x);
        foreach (var at in Enumerable.Range(0, 2))
            Assert.True(Golden.Distance(together.select(1, at), still.Run(x.select(1, at).contiguous())) < 1e-12);
        Assert.Equal(still.named_parameters().Select(p => p.name), video.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void A_kind_that_lacks_the_layers_axes_is_refused() =>
        Assert.Contains(
            "a layer from FeatureMap to FeatureMap on each of Words to Words",
            Assert.Single(Conv(3, 3).Each<Words, Words>().At(InputSpec.Words(2, 4)).Errors()),
            StringComparison.Ordinal
        );

    [Fact]
    public void An_initial_value_goes_to_the_weights_and_the_innermost_counts()
    {
        Initializer fill = new Initializer.Fill(0.5),
            normal = new Initializer.Normal(2);
        var layer = (Conv(4, 1) >> BatchNorm() >> Conv(4, 1).Named("inner").InitializedBy(normal)).InitializedBy(fill);
        var found = layer.At(map).Fits().Parameters.ToDictionary(p => p.Path, p => p.Initializer);
        Assert.Equal((fill, normal), (found["conv.weight"], found["inner.weight"]));
        Assert.Equal((new Initializer.Fill(0), new Initializer.Fill(1)), (found["conv.bias"], found["norm.weight"]));
        Laws.IsAValue(layer, map).Check();
    }

    [Fact]
    public void A_norm_in_float32_stands_in_a_model_of_bfloat16()
    {
        using var scope = NewDisposeScope();
        var layer = Conv(4, 1) >> BatchNorm().InFloat32() >> Relu;
        var module = layer.Compile(map, new Options(Precision: Precision.BFloat16, Training: true)).Fits();
        Assert.Equal(
            ScalarType.BFloat16,
            module.named_parameters().Single(p => p.name == "conv.weight").parameter.dtype
        );
        Assert.Equal(
            ScalarType.Float32,
            module.named_parameters().Single(p => p.name == "norm.weight").parameter.dtype
        );
        Assert.Equal(ScalarType.BFloat16, module.Run(Drawn.Uniform("x", [2, 4, 3, 5]).to(ScalarType.BFloat16)).dtype);
        var mean = module.named_buffers().Single(b => b.name == "norm.running_mean").buffer;
        Assert.Equal(ScalarType.Float32, mean.dtype);
        Assert.True(mean.abs().max().item<float>() > 0);
    }

    [Fact]
    public void In_a_model_of_float64_it_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var (inside, plain) = (
            (Conv(4, 1) >> BatchNorm().InFloat32()).Compile(map, exact).Fits(),
            (Conv(4, 1) >> BatchNorm()).Compile(map, exact).Fits()
        );
        var x = Drawn.Uniform("x", [2, 4, 3, 5]);
        Assert.True(Golden.Distance(inside.Run(x), plain.Run(x)) < 1e-15);
    }

    [Fact]
    public void Frozen_statistics_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        double Moved(Layer<FeatureMap, FeatureMap> layer)
        {
            var module = layer.Compile(map, exact with { Training = true }).Fits();
            module.Run(Drawn.Uniform("x", [2, 4, 3, 5]));
            return module
                .named_buffers()
                .Single(b => b.name.EndsWith("running_mean", StringComparison.Ordinal))
                .buffer.abs()
                .max()
                .item<double>();
        }
        Assert.Equal(0, Moved(BatchNorm().Frozen()));
        Assert.NotEqual(0, Moved(BatchNorm()));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Fifty_steps_are_one_node_and_what_they_are_written_out(bool shared)
    {
        using var scope = NewDisposeScope();
        var step = Residual(Conv(4, 3) >> Tanh);
        var written = shared
            ? Many.Range(6).Fold(Identity<FeatureMap>(), (f, _) => f >> step.Named("s"))
            : Many.Range(6).Fold(Identity<FeatureMap>(), (f, i) => f >> step.Named($"{i}"));
        var repeated = shared ? Repeat(6, step, shared: true).Named("s") : Repeat(6, step);
        var (one, other) = (repeated.Compile(map, exact).Fits(), written.Compile(map, exact).Fits());
        Assert.Equal(
            other.named_parameters().Select(p => p.name).Order(),
            one.named_parameters().Select(p => p.name).Order()
        );
        var x = Drawn.Uniform("x", [2, 4, 3, 5]);
        Assert.True(Golden.Distance(one.Run(x), other.Run(x)) < 1e-12);

        Assert.Equal(written.At(map).Fits().MultiplyAdds, repeated.At(map).Fits().MultiplyAdds);
        var fifty = Repeat(50, step, shared).At(map).Fits();
        Assert.Single(fifty.Nodes, n => n.Operation is Loop);
        Assert.Equal(2 + fifty.Parameters.Count, fifty.Nodes.Count);
    }

    [Fact]
    public void A_loop_learns_as_its_steps_written_out_and_keeps_the_laws()
    {
        using var scope = NewDisposeScope();
        var step = Conv(4, 1) >> BatchNorm() >> Tanh;
        foreach (
            Law<FeatureMap, FeatureMap> law in new Law<FeatureMap, FeatureMap>[]
            {
                Laws.IsAValue,
                Laws.ShapeIsInferred,
                Laws.ParametersAreCounted,
                Laws.BatchIsItsSamples,
                Laws.OptimisedIsAsWritten,
                Laws.StartsFromItsSeed,
                Laws.LeaksNothing,
            }
        )
            law(Repeat(3, step), map, 1).Check();

        Tensor Gradient(Layer<FeatureMap, FeatureMap> layer)
        {
            var module = layer.Compile(map, exact with { Training = true }).Fits();
            module.Run(Drawn.Uniform("x", [2, 4, 3, 5])).square().sum().backward();
            return module.named_parameters().Single(p => p.name == "1.conv.weight").parameter.grad!;
        }
        Assert.True(
            Golden.Distance(Gradient(Repeat(3, step)), Gradient(step.Named("0") >> step.Named("1") >> step.Named("2")))
                < 1e-12
        );
    }

    [Fact]
    public void Steps_that_change_the_shape_or_show_a_probe_are_written_out()
    {
        var halves = Repeat(2, MaxPool(2, stride: 2)).At(InputSpec.FeatureMap(1, 8, 8)).Fits();
        Assert.Equal(2, halves.Output.Node.Shape[Axis.Row]);
        Assert.Equal(["0.seen", "1.seen"], Repeat(2, Conv(4, 1).Probed("seen")).At(map).Fits().Probes.Order());
    }

    [Fact]
    public void A_loop_over_words_skips_padding() =>
        Laws.PaddingChangesNothing(Repeat(3, Residual(Lstm<Words>(2)), shared: true), InputSpec.Words(4, 2), 2).Check();

    [Fact]
    public void A_loop_written_out_is_what_it_computes()
    {
        var graph = Repeat(3, Conv(4, 1) >> Tanh).At(map).Fits();
        var loop = graph.Output.Node;
        var unrolled = Graph.Of("unrolled", ((Loop)loop.Operation).Unrolled(loop.Operands));
        Assert.Equal(graph.MultiplyAdds, unrolled.MultiplyAdds);
        Assert.Equal(3, unrolled.Nodes.Count(n => n.Operation is Convolve));
    }
}
