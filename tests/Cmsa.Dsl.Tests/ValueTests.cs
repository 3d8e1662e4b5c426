using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Testing;
using FsCheck.Xunit;

namespace Cmsa.Dsl.Tests;

using Maps = Layer<FeatureMap, FeatureMap>;

/// <summary>Composition as algebra: the laws hold between values, not only between what they compute.</summary>
[Properties(Arbitrary = [typeof(RandomLayers)], MaxTest = 100, QuietOnSuccess = true)]
public class ValueTests
{
    [Property]
    public bool Then_is_associative(Maps f, Maps g, Maps h) => ((f >> g) >> h).Equals(f >> (g >> h));

    [Property]
    public bool Identity_is_neutral(Maps f) =>
        (Identity<FeatureMap>() >> f).Equals(f) && (f >> Identity<FeatureMap>()).Equals(f);

    [Property]
    public bool Sum_is_associative(Maps f, Maps g, Maps h) => ((f + g) + h).Equals(f + (g + h));

    [Property]
    public bool Equal_values_have_equal_hashes(Maps f, Maps g)
    {
        var (one, other) = (f >> g, f >> g);
        return one.Equals(other) && one.GetHashCode() == other.GetHashCode();
    }

    [Property]
    public bool Order_matters(Maps f, Maps g)
    {
        var (one, other) = (f >> g, g >> f);
        return f.Equals(g) || one.Equals(other) == ($"{one}" == $"{other}");
    }

    [Property]
    public bool A_residual_is_the_identity_and_the_layer(Maps f) => Residual(f).Equals(Identity<FeatureMap>() + f);

    [Property]
    public bool Other_layers_have_other_texts(Maps f, Maps g) => f.Equals(g) || f.ToString() != g.ToString();

    [Property]
    public bool What_is_replaced_leaves_the_old_model_as_it_was(Maps f)
    {
        var (model, text) = (f >> Conv(7, 7), $"{f >> Conv(7, 7)}");
        var replaced = model.Replace<Conv>(c => c with { Kernel = 1 });
        return model.ToString() == text
            && !replaced.Equals(model)
            && replaced.Select<Conv>().ForAll(p => p.Layer is Conv c && c.Kernel == 1);
    }

    [Fact]
    public void A_short_pipeline_is_shown_on_one_line() =>
        Assert.Equal(
            "Conv(8, 3) >> Relu >> Residual(Conv(8, 3).Named(\"body\") >> BatchNorm) >> Conv(1, 1) + Conv(1, 3)",
            (
                Conv(8, 3) >> Relu >> Residual(Conv(8, 3).Named("body") >> BatchNorm()) >> (Conv(1, 1) + Conv(1, 3))
            ).ToString()
        );

    [Fact]
    public void A_long_pipeline_is_shown_a_step_a_line() =>
        Assert.Equal(
            """
            Conv(8, 3)
            >> Relu
            >> Residual(Conv(8, 3, bias: false).Named("body") >> BatchNorm)
            >> Conv(1, 1) + Conv(1, 3)
            >> Sigmoid
            """,
            (
                Conv(8, 3)
                >> Relu
                >> Residual(Conv(8, 3, bias: false).Named("body") >> BatchNorm())
                >> (Conv(1, 1) + Conv(1, 3))
                >> Sigmoid
            ).ToString()
        );

    [Fact]
    public void The_paper_is_one_value()
    {
        var (one, other) = (Paper.Model(Sizes.Small), Paper.Model(Sizes.Small));
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, Paper.Model(Sizes.Small with { WordChannels = 47 }));
    }
}
