using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Tests;

/// <summary>What layers start from, parameter by parameter.</summary>
public class InitialValueTests
{
    private static Dictionary<string, float[]> Start(Layer model, InputSpec inputs)
    {
        using var compiled = model.Compile(inputs, new Options(Seed: 11)).Fits();
        return compiled.Tensors.ToDictionary(t => t.Parameter.Path, t => t.Tensor.data<float>().ToArray());
    }

    /// <summary>PyTorch's rule: all four are uniform in 1 / sqrt(Hidden), biases too.</summary>
    [Theory, InlineData("words"), InlineData("maps")]
    public void A_memory_starts_as_PyTorchs(string kind)
    {
        const int Hidden = 100;
        var bound = 1 / Math.Sqrt(Hidden);
        var start =
            kind == "words"
                ? Start(Lstm<Words>(Hidden), InputSpec.Words(3, 40))
                : Start(Multimodal >> Lstm<WordMaps>(Hidden), InputSpec.FeatureMap(20, 1, 1) & InputSpec.Words(3, 12));
        Assert.Equal(
            ["lstm.bias_hh", "lstm.bias_ih", "lstm.weight_hh", "lstm.weight_ih"],
            start.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal((400, 400), (start["lstm.bias_hh"].Length, start["lstm.bias_ih"].Length));
        Assert.Equal((40_000, 16_000), (start["lstm.weight_hh"].Length, start["lstm.weight_ih"].Length));
        Assert.All(
            start,
            s =>
            {
                Assert.All(s.Value, x => Assert.InRange(x, -bound, bound));
                // Of n uniform numbers the mean spreads by 0.58 / sqrt(n) bounds, the greatest is near the bound.
                var spread = 5 / Math.Sqrt(s.Value.Length);
                Assert.InRange(s.Value.Average() / bound, -spread, spread);
                Assert.InRange(Math.Sqrt(s.Value.Average(x => (double)x * x)) * Math.Sqrt(3) / bound, 0.9, 1.1);
                Assert.True(s.Value.Max() > 0.97 * bound && s.Value.Min() < -0.97 * bound);
            }
        );
        // The two biases are added to one another: drawn alike they would be one of twice the size.
        Assert.NotEqual(start["lstm.bias_hh"], start["lstm.bias_ih"]);
    }

    [Fact]
    public void Norms_biases_and_mixes_start_where_they_do_nothing()
    {
        var start = Start(
            Conv(3, 3) >> BatchNorm() >> ConvTranspose(2, 4, 2, 1) >> GlobalAverage >> Linear<Vector>(4),
            InputSpec.FeatureMap(2, 4, 4)
        );
        Assert.All(start["norm.weight"], x => Assert.Equal(1, x));
        Assert.All(start["norm.running_var"], x => Assert.Equal(1, x));
        Assert.All(start["norm.running_mean"], x => Assert.Equal(0, x));
        foreach (var bias in new[] { "conv.bias", "norm.bias", "deconv.bias", "linear.bias" })
            Assert.All(start[bias], x => Assert.Equal(0, x));
        var mixes = Start(
                Released.GatedFusion(2),
                InputSpec.Levels([.. new[] { "res3", "res4", "res5" }.Select(n => (n, InputSpec.FeatureMap(2, 2, 2)))])
            )
            .Where(s => s.Key.EndsWith(".mix", StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(3, mixes.Length);
        Assert.All(mixes, m => Assert.Equal([0.5f], m.Value));
    }

    /// <summary>
    /// Glorot's bound counts the kernel on both sides, and which axis is in and which is out does not matter.
    /// </summary>
    [Fact]
    public void Linear_and_transposed_weights_are_Xaviers()
    {
        var linear = Start(Linear<Vector>(300), InputSpec.Of<Vector>(50))["linear.weight"];
        Within(linear, Math.Sqrt(6.0 / 350));
        var deconv = Start(ConvTranspose(10, 4, 2, 1), InputSpec.FeatureMap(30, 2, 2))["deconv.weight"];
        Within(deconv, Math.Sqrt(6.0 / (16 * 40)));

        static void Within(float[] drawn, double bound)
        {
            Assert.All(drawn, x => Assert.InRange(x, -bound, bound));
            Assert.InRange(drawn.Max() / bound, 0.99, 1);
            Assert.InRange(drawn.Min() / bound, -1, -0.99);
        }
    }
}
