using TorchSharp;

namespace Cmsa.Dsl.Tests;

/// <summary>Start values depend on the seed and a parameter's path alone.</summary>
public class StartTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(3, 5, 5);

    private static Dictionary<string, float[]> Start(Layer model, InputSpec inputs, ulong seed = 0)
    {
        using var compiled = model.Compile(inputs, new Options(Seed: seed)).Fits();
        return compiled.Tensors.ToDictionary(t => t.Parameter.Path, t => t.Tensor.data<float>().ToArray());
    }

    [Fact]
    public void Two_variants_start_alike_in_what_they_share()
    {
        var paper = Start(Paper.Model(Sizes.Small), Sizes.Small.Inputs, 7);
        var variant = Start(
            Paper.Model(Sizes.Small).Replace("res5.attention", Identity<WordMaps>()).Replace("fusion", Pick("res5")),
            Sizes.Small.Inputs,
            7
        );
        var shared = paper.Keys.Intersect(variant.Keys).ToList();
        Assert.Contains("res5.conv.weight", shared);
        Assert.Contains("backbone.layer4.0.conv2.weight", shared);
        Assert.All(shared, path => Assert.Equal(paper[path], variant[path]));
    }

    [Fact]
    public void Another_seed_starts_elsewhere() =>
        Assert.NotEqual(Start(Conv(4, 3), map, 1)["conv.weight"], Start(Conv(4, 3), map, 2)["conv.weight"]);

    [Fact]
    public void Another_path_starts_elsewhere() =>
        Assert.NotEqual(Start(Conv(4, 3).Named("a"), map)["a.weight"], Start(Conv(4, 3).Named("b"), map)["b.weight"]);

    [Fact]
    public void Rewriting_moves_no_start() =>
        Assert.All(
            Start(Multimodal >> Residual(SelfAttention(2)) >> WordMean, map & InputSpec.Words(2, 3)),
            start => Assert.Equal(start.Value, Written[start.Key])
        );

    private static Dictionary<string, float[]> Written
    {
        get
        {
            using var compiled = (Multimodal >> Residual(SelfAttention(2)) >> WordMean)
                .Compile(map & InputSpec.Words(2, 3), new Options(Optimise: Graphs.OptimizationLevel.AsWritten))
                .Fits();
            return compiled.Tensors.ToDictionary(t => t.Parameter.Path, t => t.Tensor.data<float>().ToArray());
        }
    }

    [Theory, InlineData("xavier"), InlineData("he"), InlineData("uniform")]
    public void Starts_are_spread_as_they_say(string start)
    {
        var (model, inputs, path, bound, deviation) = start switch
        {
            "xavier" => (
                (Layer)Conv(64, 3),
                InputSpec.FeatureMap(32, 2, 2),
                "conv.weight",
                Math.Sqrt(6.0 / (9 * 96)),
                Math.Sqrt(2.0 / (9 * 96))
            ),
            "he" => (
                Conv(64, 3, bias: false),
                InputSpec.FeatureMap(32, 2, 2),
                "conv.weight",
                double.PositiveInfinity,
                Math.Sqrt(2.0 / (9 * 64))
            ),
            _ => (Embedding(200, 50), InputSpec.Tokens(3), "embedding.weight", 0.08, 0.08 / Math.Sqrt(3)),
        };
        var drawn = Start(model, inputs)[path];
        Assert.All(drawn, x => Assert.InRange(x, -bound, bound));
        Assert.InRange(Math.Sqrt(drawn.Average(x => (double)x * x)) / deviation, 0.97, 1.03);
        Assert.InRange(drawn.Average() / deviation, -0.03, 0.03);
    }
}
