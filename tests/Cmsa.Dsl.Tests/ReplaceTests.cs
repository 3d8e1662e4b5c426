using Cmsa.Dsl.Layers;
using TorchSharp;

namespace Cmsa.Dsl.Tests;

/// <summary>Parts found and replaced: by type, by path, by predicate, on one level.</summary>
public class ReplaceTests
{
    private static readonly Layer<(Image, Tokens), Mask> model = Paper.Model(Sizes.Small);

    private static string[] Paths(Layer<(Image, Tokens), Mask> of) =>
        [.. of.At(Sizes.Small.Inputs).Fits().Parameters.Map(p => p.Path)];

    [Fact]
    public void By_type() =>
        Assert.Equal(
            $"[SelfAttention({Sizes.Small.Attention}, over: Pixels)]",
            $"{model.Replace<SelfAttention>(a => a with { Over = AttentionScope.Pixels }).Select<SelfAttention>().Map(p => p.Layer)}"
        );

    [Fact]
    public void By_path_on_all_levels() =>
        Assert.All(
            Paths(model.Replace("*.attention", Identity<WordMaps>())),
            path => Assert.DoesNotContain("attention", path, StringComparison.Ordinal)
        );

    [Fact]
    public void By_path_on_one_level()
    {
        var replaced = Paths(model.Replace("res5.attention", Identity<WordMaps>()));
        Assert.DoesNotContain(replaced, path => path.StartsWith("res5.attention", StringComparison.Ordinal));
        Assert.Equal(
            Paths(model).Where(p => !p.StartsWith("res5.attention", StringComparison.Ordinal)).Order(),
            replaced.Order()
        );
    }

    [Fact]
    public void By_path_on_one_level_twice()
    {
        var replaced = model
            .Replace("res5.attention", Identity<WordMaps>())
            .Replace("res5.conv", Conv(Sizes.Small.FusedChannels, 3));
        Assert.Equal(
            2,
            replaced.Select<SelfAttention>().Count + replaced.Select<Conv>().Filter(p => p.Path == "res5.conv").Count
        );
        Assert.Contains("res4.attention.key.weight", Paths(replaced));
    }

    [Fact]
    public void By_predicate() =>
        Assert.Equal(
            "[MultimodalFeature(positions: false)]",
            model
                .Replace(p => p.Layer is MultimodalFeature, _ => new MultimodalFeature(Positions: false))
                .Select<MultimodalFeature>()
                .Map(p => p.Layer)
                .ToString()
        );

    [Fact]
    public void One_level_alone_computes_otherwise()
    {
        using var scope = torch.NewDisposeScope();
        var each = EachLevel(Conv(2, 1) >> Relu) >> EachLevel(Conv(2, 1));
        var fused = each >> Define<FeatureMap>(x => x.Sum(i => x[i]));
        var other = fused.Replace("low.conv_2", Conv(2, 3));
        Assert.Equal(
            [
                "low.conv.bias",
                "low.conv.weight",
                "low.conv_2.bias",
                "low.conv_2.weight",
                "mid.conv.bias",
                "mid.conv.weight",
                "mid.conv_2.bias",
                "mid.conv_2.weight",
            ],
            other
                .At(InputSpec.Levels(("low", InputSpec.FeatureMap(2, 3, 3)), ("mid", InputSpec.FeatureMap(2, 3, 3))))
                .Fits()
                .Parameters.Map(p => p.Path)
                .Order()
        );
    }

    [Fact]
    public void What_is_not_there_is_said_with_what_is()
    {
        Assert.Equal(
            "The model has no Linear`1 to replace. (Parameter 'change')".Replace("`1", "", StringComparison.Ordinal),
            Assert
                .Throws<ArgumentException>(() => Conv(1, 1).Named("a").Replace<Linear<FeatureMap>>(l => l))
                .Message.Replace("`1", "", StringComparison.Ordinal)
        );
        Assert.StartsWith(
            "Nothing stands at b. There is a.",
            Assert.Throws<ArgumentException>(() => Conv(1, 1).Named("a").Replace("b", Conv(2, 1))).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "No part of the model is what was to be replaced.",
            Assert.Throws<ArgumentException>(() => Conv(1, 1).Replace(p => p.Path == "z", l => l)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Other_kinds_are_refused() =>
        Assert.Contains(
            "Embedding(5, 4) takes Tokens and gives Words; in the place of Conv(1, 1) it must take FeatureMap and give FeatureMap.",
            Assert
                .Throws<ArgumentException>(() => (Conv(1, 1).Named("a") >> Relu).Replace("a", Embedding(5, 4)))
                .Message,
            StringComparison.Ordinal
        );
}
