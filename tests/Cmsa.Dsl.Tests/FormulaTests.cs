using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>What equations compute with: functions, pairs, kinds side by side.</summary>
public class FormulaTests
{
    private static readonly Options exact = new(Precision: Precision.Float64);

    private static double[] Of(Layer<Vector, Vector> layer, params double[] x)
    {
        using var scope = NewDisposeScope();
        var module = layer.Compile(InputSpec.Of<Vector>(x.Length), exact).Fits();
        return module.Run(tensor(x).reshape(1, -1)).data<double>().ToArray();
    }

    [Fact]
    public void Functions_are_what_they_are_called()
    {
        double[] x = [-2, -0.5, 0, 0.5, 3];
        Layer<Vector, Vector> Each(Pointwise f) => Elementwise<Vector>.Of(f);
        Assert.Equal(x.Select(Math.Abs), Of(Each(Abs), x));
        Assert.Equal(x.Select(v => v * v), Of(Each(Square), x));
        Assert.Equal([0, 1, 2], Of(Each(Sqrt), 0, 1, 4));
        Assert.Equal([0, 1], Of(Each(Ln), 1, Math.E));
        Assert.Equal(x.Select(v => Math.Max(v, 0.25)), Of(Each(v => Max(v, 0.25)), x));
        Assert.Equal(x.Select(v => Math.Min(v, 0.25)), Of(Each(v => Min(v, 0.25)), x));
        Assert.Equal([1, 8, 27], Of(Each(v => Power(v, 3)), 1, 2, 3));
        Assert.Equal([0, 0, 1], Of(Each(v => Greater(v, 1)), 0, 1, 2));
        Assert.Equal([1, 0, 0], Of(Each(v => Less(v, 1)), 0, 1, 2));
    }

    [Fact]
    public void Gelu_and_silu_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        double[] x = [-3, -1, -0.1, 0, 0.1, 1, 3];
        Near(nn.functional.gelu(tensor(x)), Of(Elementwise<Vector>.Of(Gelu), x));
        Near(nn.functional.silu(tensor(x)), Of(Elementwise<Vector>.Of(Silu), x));
        Near(tensor(x).erf(), Of(Elementwise<Vector>.Of(Erf), x));

        static void Near(Tensor expected, double[] found) =>
            Assert.True((expected - tensor(found)).abs().max().item<double>() < 1e-14);
    }

    [Fact]
    public void A_kind_with_fewer_axes_is_repeated_along_the_others()
    {
        using var scope = NewDisposeScope();
        var scaled = Define<FeatureMap, Vector, FeatureMap>((x, v) => x * v - v);
        var module = scaled.Compile(InputSpec.FeatureMap(2, 1, 2) & InputSpec.Of<Vector>(2), exact).Fits();
        var result = module.Run(tensor([1.0, 2, 3, 4]).reshape(1, 2, 1, 2), tensor([10.0, 100]).reshape(1, 2));
        Assert.Equal([0, 10, 200, 300], result.data<double>().ToArray());
    }

    [Fact]
    public void A_pair_of_symbols_goes_into_a_layer_of_two()
    {
        var paired = Define<FeatureMap, Words, FeatureMap>((v, w) => (v, w) >> Multimodal >> WordMean);
        var piped = Multimodal >> WordMean;
        var inputs = InputSpec.FeatureMap(2, 3, 3) & InputSpec.Words(4, 2);
        Assert.Equal($"{piped.At(inputs).Fits()}", $"{paired.At(inputs).Fits()}");
        Assert.Equal(paired, Json.Read(Json.Write(paired)).Fits());
        Assert.Equal("Define((x, y) => (x, y) >> MultimodalFeature >> WordPool(Mean))", $"{paired}");
    }
}
