using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;
using Graph = Cmsa.Dsl.Graphs.Graph;
using Pad = Cmsa.Dsl.Graphs.Pad;

namespace Cmsa.Dsl.Tests;

/// <summary>Kernels, strides and dilations that differ between rows and columns.</summary>
public class RectangleTests
{
    private static readonly InputSpec inputs = InputSpec.FeatureMap(3, 7, 8);

    private static Tensor Numbers { get; } =
        Drawn.Uniform("map", [2, 3, 7, 8], 1, u => u * 2 - 1).to(ScalarType.Float64).DetachFromDisposeScope();

    private static Compiled Exact(Layer<FeatureMap, FeatureMap> layer, OptimizationLevel level = OptimizationLevel.All) =>
        layer.Compile(inputs, new Options(Precision: Precision.Float64, Optimise: level)).Fits().WithDrawnWeights();

    private static void Agree(Tensor found, Tensor expected)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange((found - expected).abs().max().item<double>(), 0, 1e-12);
    }

    public static TheoryData<int, int, int, int, int, int> Convolutions =>
        new()
        {
            { 1, 3, 1, 1, 1, 1 },
            { 3, 1, 1, 1, 1, 1 },
            { 1, 5, 2, 1, 1, 1 },
            { 3, 3, 1, 2, 1, 1 },
            { 3, 3, 1, 1, 1, 2 },
            { 3, 1, 1, 3, 2, 1 },
            { 5, 3, 2, 1, 1, 2 },
        };

    [Theory, MemberData(nameof(Convolutions))]
    public void A_convolution_is_its_sums_of_products(int high, int wide, int down, int across, int dilatedDown, int dilatedAcross)
    {
        using var scope = NewDisposeScope();
        using var module = Exact(Conv(2, (high, wide), (down, across), (dilatedDown, dilatedAcross)));
        var weight = module.Tensors.Single(t => t.Parameter.Path.EndsWith("weight", StringComparison.Ordinal)).Tensor;
        var bias = module.Tensors.Single(t => t.Parameter.Path.EndsWith("bias", StringComparison.Ordinal)).Tensor;
        var (top, left) = (dilatedDown * (high - 1) / 2, dilatedAcross * (wide - 1) / 2);
        var (rows, columns) = ((7 - 1) / down + 1, (8 - 1) / across + 1);
        var expected = torch.zeros([2, 2, rows, columns], ScalarType.Float64);
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
            {
                var sum = bias.expand(2, 2).clone();
                for (var i = 0; i < high; i++)
                    for (var j = 0; j < wide; j++)
                    {
                        var (y, x) = (r * down + i * dilatedDown - top, c * across + j * dilatedAcross - left);
                        if (y is >= 0 and < 7 && x is >= 0 and < 8)
                            sum = sum + Numbers[.., .., y, x].matmul(weight[.., .., i, j].t());
                    }
                expected[.., .., r, c] = sum;
            }
        Agree(module.Run(Numbers).detach(), expected);
    }

    [Fact]
    public void A_row_is_a_square_that_is_zero_elsewhere()
    {
        using var scope = NewDisposeScope();
        using var row = Exact(Conv(2, (1, 3)));
        using var square = Exact(Conv(2, 3));
        using (torch.no_grad())
            foreach (var ((_, from), (_, to)) in row.Tensors.Zip(square.Tensors))
            {
                to.zero_();
                if (to.Dimensions == 4)
                    to[.., .., 1..2, ..].copy_(from);
                else
                    to.copy_(from);
            }
        Agree(square.Run(Numbers).detach(), row.Run(Numbers).detach());
    }

    [Fact]
    public void A_pool_of_a_row_is_the_greatest_or_the_mean_of_shifted_maps()
    {
        using var scope = NewDisposeScope();
        Tensor Shifted(int by, double outside) =>
            nn.functional.pad(Numbers, [2, 2, 0, 0], PaddingModes.Constant, outside)[.., .., .., (2 + by)..(10 + by)];
        Tensor[] around = [.. Enumerable.Range(-1, 3).Select(by => Shifted(by, double.NegativeInfinity))];
        var greatest = torch.stack(around).amax([0]);
        Agree(Exact(MaxPool((1, 3), 1, AutoPad.Same)).Run(Numbers), greatest);
        Agree(Exact(MaxPool((1, 3), (2, 1), AutoPad.Same)).Run(Numbers), Odd(greatest));
        Agree(
            Exact(AveragePool((1, 2), (1, 2))).Run(Numbers),
            Numbers.unflatten(3, [4, 2]).mean([4L])
        );
        // Of a window of two cells with one between them.
        Agree(
            Exact(new Pool(Reduction.Max, (1, 2), 1, Dilation: (1, 2))).Run(Numbers),
            Numbers[.., .., .., ..6].maximum(Numbers[.., .., .., 2..])
        );

        static Tensor Odd(Tensor x) => torch.cat([.. Enumerable.Range(0, 4).Select(i => x.narrow(2, 2 * i, 1))], 2);
    }

    [Fact]
    public void A_transposed_convolution_is_the_gradient_of_the_convolution()
    {
        using var scope = NewDisposeScope();
        using var module = Exact(new ConvTranspose(2, (1, 3), 2));
        var weight = module.Tensors.Single(t => t.Tensor.Dimensions == 4).Tensor.detach();
        using (torch.no_grad())
            module.Tensors.Single(t => t.Tensor.Dimensions == 1).Tensor.zero_();
        var x = torch.zeros([2, 2, 13, 17], ScalarType.Float64, requires_grad: true);
        (nn.functional.conv2d(x, weight, strides: [2, 2]) * Numbers).sum().backward();
        Agree(module.Run(Numbers).detach(), x.grad!);
    }

    [Fact]
    public void A_window_with_two_odd_sides_is_padded_the_same_on_all_sides() =>
        Assert.Equal(
            "conv: Conv(2, (3, 2)); expected an odd kernel, which has a middle; use an odd kernel, "
                + "AutoPad.SameUpper as TensorFlow pads, or AutoPad.Valid",
            Conv(2, (3, 2)).At(inputs).Match(Succ: _ => "fits", Fail: errors => $"{errors.Head}")
        );

    [Fact]
    public void A_mean_has_no_dilation() =>
        Assert.Contains(
            "a dilation of 2 for the Mean of a window",
            new Pool(Reduction.Mean, 2, 1, Dilation: 2).At(inputs).Match(Succ: _ => "fits", Fail: errors => $"{errors.Head}"),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_window_that_misses_the_map_has_no_greatest_and_is_refused()
    {
        // Of one column with one cell of padding, the cells -1 and 1 of a window are both padding.
        var misses = new Pool(Reduction.Max, 2, 1, Padding: 1, Dilation: 2);
        Assert.Contains(
            "whose cells all miss the map",
            misses.At(InputSpec.FeatureMap(1, 4, 1)).Match(Succ: _ => "fits", Fail: errors => $"{errors.Head}"),
            StringComparison.Ordinal
        );
        Assert.True(misses.At(InputSpec.FeatureMap(1, 4, 2)).IsSuccess);
    }

    public static TheoryData<Layer, string, string> Written =>
        new()
        {
            { Conv(8, 3), """{ "layer": "Conv", "channels": 8, "kernel": 3 }""", "Conv(8, 3)" },
            { Conv(8, (1, 7)), """{ "layer": "Conv", "channels": 8, "kernel": [1, 7] }""", "Conv(8, (1, 7))" },
            {
                Conv(8, (7, 1), (2, 1), dilation: 2),
                """{ "layer": "Conv", "channels": 8, "kernel": [7, 1], "stride": [2, 1], "dilation": 2 }""",
                "Conv(8, (7, 1), stride: (2, 1), dilation: 2)"
            },
            {
                MaxPool((1, 2), 2),
                """{ "layer": "Pool", "reduction": "Max", "kernel": [1, 2], "stride": 2 }""",
                "Pool(Max, (1, 2), 2)"
            },
        };

    [Theory, MemberData(nameof(Written))]
    public void One_number_is_written_for_both_where_they_are_alike(Layer layer, string json, string text)
    {
        Assert.Equal(json, Json.Write(layer).Trim());
        Assert.Equal(text, $"{layer}");
        Assert.Equal(layer, Json.Read(json).Match(Succ: read => read, Fail: errors => throw new InvalidOperationException($"{errors}")));
    }

    [Fact]
    public void Two_equal_numbers_are_read_as_one() =>
        Assert.Equal(
            (Layer)Conv(8, 3, 2),
            Json.Read("""{ "layer": "Conv", "channels": 8, "kernel": [3, 3], "stride": [2, 2] }""")
                .Match(Succ: read => read, Fail: errors => throw new InvalidOperationException($"{errors}"))
        );

    [Theory]
    [InlineData("[1, 2, 3]")]
    [InlineData("[1, 2.5]")]
    [InlineData("\"3\"")]
    public void What_is_no_kernel_is_an_error(string kernel) =>
        Assert.Contains(
            "where a whole number or a list of two should stand",
            Json.Read($$"""{ "layer": "Conv", "channels": 8, "kernel": {{kernel}} }""")
                .Match(Succ: read => $"{read}", Fail: errors => $"{errors.Head}"),
            StringComparison.Ordinal
        );

    public static TheoryData<Convolve> NoTiles =>
        [
            new Convolve(1, (1, 2), (1, 2), 1),
            new Convolve(1, (1, 0), 1, 1),
            new Convolve((1, 2), 1, 1, 1),
            new Convolve(1, 0, (2, 1), 1),
        ];

    [Theory, MemberData(nameof(NoTiles))]
    public void Tiles_are_for_squares_alone(Convolve convolve)
    {
        var x = new Node(new Input("x", new(new(Axis.Batch, 1), new(Axis.Channel, 2), new(Axis.Row, 7), new(Axis.Column, 8))));
        var shape = new Shape(new(Axis.Out, 3), new(Axis.In, 2), new(Axis.KernelRow, 3), new(Axis.KernelColumn, 3));
        var weight = new Node(new Parameter("w", shape, new Initializer.Normal(1), Role.Weight));
        var graph = Graph.Of("convolution", new Node(convolve, x, weight));
        var rewritten = GraphOptimizer.Rewrite(graph, [Rewriting.Rules.Winograd.Tiles]);
        Assert.Equal(graph.ToString(), rewritten.Graph.ToString());
    }

    [Fact]
    public void Padding_that_differs_between_rows_and_columns_alone_needs_no_padded_map() =>
        Assert.DoesNotContain(Conv(2, (1, 7)).At(inputs).Fits().Nodes, n => n.Operation is Pad);
}
