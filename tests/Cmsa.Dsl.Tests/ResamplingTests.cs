using Cmsa.Dsl.Layers;
using Cmsa.Models.Catalogues;
using FsCheck;
using FsCheck.Xunit;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>Resizing and pools in the manners of the field, against numbers that were worked out by hand.</summary>
public class ResamplingTests
{
    public static TheoryData<Alignment, int, double[]> Resampled =>
        new()
        {
            { Alignment.HalfPixel, 6, [0, 0.75, 2.25, 3.75, 5.25, 6] },
            { Alignment.AlignCorners, 6, [0, 1.2, 2.4, 3.6, 4.8, 6] },
            { Alignment.Asymmetric, 6, [0, 1.5, 3, 4.5, 6, 6] },
            { Alignment.HalfPixel, 2, [0.75, 5.25] },
            { Alignment.AlignCorners, 2, [0, 6] },
            { Alignment.Asymmetric, 2, [0, 4.5] },
            { Alignment.HalfPixel, 1, [3] },
            { Alignment.AlignCorners, 1, [0] },
            { Alignment.Asymmetric, 1, [0] },
        };

    [Theory, MemberData(nameof(Resampled))]
    public void A_row_is_resampled_by_hand(Alignment alignment, int size, double[] expected)
    {
        Near(expected, Run(Resize(1, size, alignment), [0, 3, 6], 1, 3));
        Near(expected, Run(Resize(size, 1, alignment), [0, 3, 6], 3, 1));
    }

    /// <summary>A cell gives each new cell what the new cell takes of it, and its gradient is the sum of these.</summary>
    [Theory]
    [InlineData(Alignment.HalfPixel)]
    [InlineData(Alignment.AlignCorners)]
    [InlineData(Alignment.Asymmetric)]
    public void A_gradient_is_what_a_cell_gives(Alignment alignment)
    {
        using var scope = NewDisposeScope();
        var options = new Options(Precision: Precision.Float64, Training: true);
        var module = Resize(5, 7, alignment).Compile(InputSpec.FeatureMap(1, 3, 4), options).Fits();
        var x = zeros([1, 1, 3, 4], ScalarType.Float64).requires_grad_();
        module.Run(x).sum().backward();
        double[] rows = Bilinear.Weights(alignment, 3, 5), columns = Bilinear.Weights(alignment, 4, 7);
        for (var row = 0; row < 3; row++)
            for (var column = 0; column < 4; column++)
            {
                var given = Enumerable.Range(0, 5).Sum(i => rows[i * 3 + row]) * Enumerable.Range(0, 7).Sum(i => columns[i * 4 + column]);
                Assert.Equal(given, x.grad![0, 0, row, column].item<double>(), 1e-12);
            }
    }

    [Property]
    public void What_a_new_cell_takes_adds_up_to_one(Alignment alignment, PositiveInt from, PositiveInt to)
    {
        var weights = Bilinear.Weights(alignment, from.Get, to.Get);
        Assert.All(weights.Chunk(from.Get), row => Assert.Equal(1, row.Sum(), 1e-12));
        Assert.All(weights, w => Assert.InRange(w, 0, 1 + 1e-12));
    }

    // Below zero, so that padding with zeros would win.
    [Theory]
    [InlineData(AutoPad.SameUpper, new[] { -1.0, -6 })]
    [InlineData(AutoPad.SameLower, new[] { -1.0, -5 })]
    [InlineData(AutoPad.Same, new[] { -1.0, -5 })]
    [InlineData(AutoPad.Valid, new[] { -1.0 })]
    public void Padding_is_never_the_greatest(AutoPad padding, double[] expected) =>
        Near(expected, Run(MaxPool(3, 2, padding), [-1, -5, -6, -7], 1, 4, padding == AutoPad.Valid));

    [Theory]
    [InlineData(AutoPad.SameUpper, new[] { -4.0, -6.5 })]
    [InlineData(AutoPad.SameLower, new[] { -3.0, -6 })]
    [InlineData(AutoPad.Same, new[] { -3.0, -6 })]
    [InlineData(AutoPad.Valid, new[] { -4.0 })]
    public void A_mean_is_that_of_the_cells_inside(AutoPad padding, double[] expected) =>
        Near(expected, Run(AveragePool(3, 2, padding), [-1, -5, -6, -7], 1, 4, padding == AutoPad.Valid));

    [Fact]
    public void An_even_window_has_no_middle() =>
        Assert.Contains(
            "use AutoPad.SameUpper",
            Assert.Single(MaxPool(2, 2, AutoPad.Same).At(InputSpec.FeatureMap(1, 4, 4)).Errors()),
            StringComparison.Ordinal
        );

    /// <summary>
    /// TensorFlow's SAME of 7x7 cells in steps of 2 over 8: 2 before and 3 behind, so that windows hold 5, 7, 6 and 4 cells.
    /// </summary>
    [Fact]
    public void The_released_stem_is_padded_more_behind()
    {
        var stem = Conv(1, 7, 2, bias: false, padding: AutoPad.SameUpper).InitializedBy(new Initializer.Fill(1));
        double[] inside = [5, 7, 6, 4];
        Near([.. inside.SelectMany(r => inside.Select(c => r * c))], Run(stem, [.. Enumerable.Repeat(1.0, 64)], 8, 8));
    }

    /// <summary>What the released code does other than the equations: padding, epsilon, enlarging.</summary>
    [Fact]
    public void Released_has_TensorFlows_padding_epsilon_and_enlarging()
    {
        var released = GraphOf("Cmsa.Released");
        var paper = GraphOf("Cmsa.Paper");
        Assert.All(Of<NormaliseBatch>(released), n => Assert.Equal(1e-3, n.Epsilon));
        Assert.All(Of<NormaliseBatch>(paper), n => Assert.Equal(1e-5, n.Epsilon));
        Assert.Equal(
            [new(2, 3, 2, 3), new(0, 1, 0, 1, double.NegativeInfinity)],
            Of<Graphs.Pad>(released).Take(2)
        );
        Assert.Empty(Of<Graphs.Pad>(paper));
        Assert.Equal(Alignment.Asymmetric, Assert.Single(Of<Interpolate>(released)).Alignment);
        Assert.Equal(Alignment.HalfPixel, Assert.Single(Of<Interpolate>(paper)).Alignment);
        Assert.Equal(paper.Parameters.Filter(IsOfBackbone), released.Parameters.Filter(IsOfBackbone));

        static bool IsOfBackbone(Parameter parameter) => parameter.Path.StartsWith("backbone.", StringComparison.Ordinal);
    }

    private static Many<T> Of<T>(Graph graph)
        where T : Operation => graph.Nodes.Choose(n => n.Operation is T one ? LanguageExt.Option<T>.Some(one) : default);

    private static Graph GraphOf(string name) =>
        Catalogue.Find(name).Match(Right: e => e.Layer.At(e.Inputs).Fits(), Left: e => throw new InvalidOperationException($"{e}"));

    private static void Near(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-12));
    }

    // A valid window needs as many rows as it is high.
    private static double[] Run(Layer layer, double[] cells, int rows, int columns, bool isSquare = false)
    {
        using var scope = NewDisposeScope();
        if (isSquare)
            (cells, rows) = ([.. cells, .. cells, .. cells], 3);
        var module = layer.Compile(InputSpec.FeatureMap(1, rows, columns), new Options(Precision: Precision.Float64)).Fits();
        return module.Run(tensor(cells, [1, 1, rows, columns])).data<double>().ToArray();
    }
}
