namespace Cmsa.Dsl.Tests;

/// <summary>Where parameters stand: names are the reader's, and no two layers get one by accident.</summary>
public class NameTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(2, 4, 4);
    private static readonly InputSpec levels = InputSpec.Levels(("low", map), ("mid", map));

    private static string[] Weights(Layer model, InputSpec inputs) =>
        [.. model.At(inputs).Fits().Parameters.Filter(p => p.Role == Role.Weight).Map(p => p.Path)];

    [Fact]
    public void Layers_of_one_name_are_numbered() =>
        Assert.Equal(
            ["conv.weight", "conv_2.weight", "conv_3.weight"],
            Weights(Conv(2, 1) >> Conv(2, 1) >> Conv(2, 1), map)
        );

    [Fact]
    public void A_number_that_an_author_gave_is_not_given_again() =>
        Assert.Equal(
            ["conv_2.weight", "conv.weight", "conv_3.weight"],
            Weights(Conv(2, 1).Named("conv_2") >> Conv(2, 1) >> Conv(2, 1), map)
        );

    [Fact]
    public void A_layer_of_one_level_is_numbered_as_the_layer_in_whose_place_it_stands() =>
        Assert.Equal(
            ["low.conv.weight", "mid.conv.weight", "low.conv_2.weight", "mid.conv_2.weight"],
            Weights(
                    EachLevel(Conv(2, 1))
                        >> EachLevel(Conv(2, 3), ("low", Conv(2, 1)))
                        >> Define<FeatureMap>(x => x.Sum(i => x[i])),
                    levels
                )
                .OrderBy(p => p.Split('.')[1])
        );

    [Fact]
    public void What_only_one_level_has_shares_no_weights_with_what_all_have() =>
        Assert.Equal(
            ["low.conv.weight", "low.conv_2.weight", "mid.conv.weight"],
            Weights(
                    EachLevel(Conv(2, 1))
                        >> EachLevel(Identity<FeatureMap>(), ("low", Conv(2, 1)))
                        >> Define<FeatureMap>(x => x.Sum(i => x[i])),
                    levels
                )
                .Order()
        );

    [Fact]
    public void What_is_shared_is_there_once()
    {
        var twice = Conv(2, 3).Shared("both") + (Relu >> Conv(2, 3).Shared("both"));
        Assert.Equal(["both.weight"], Weights(twice, map));
        Assert.Equal(
            ["a.conv.weight", "both.weight", "c.both.weight"],
            Weights(Conv(2, 1).Named("a.conv") >> Conv(2, 3).Shared("both") >> Conv(2, 3).Named("c.both"), map)
        );
    }

    [Fact]
    public void A_number_learnt_under_a_layers_name_is_refused() =>
        Assert.Equal(
            [
                "conv: a parameter conv and parameters under conv; expected another name for one of them; name the layer or the learnable number otherwise",
            ],
            Define<FeatureMap, FeatureMap>(x => Learnable("conv") * (x >> Conv(2, 1))).At(map).Errors()
        );

    [Fact]
    public void Weights_shared_in_two_shapes_are_refused() =>
        Assert.Equal(
            [
                "w.weight: one parameter as [2, 2, 1, 1] and as [2, 3, 1, 1]; expected one shape for all who share it; give the layers different names, or make them equal",
            ],
            (
                (Conv(2, 1, bias: false).Shared("w") >> Conv(3, 1).Named("between"))
                >> Conv(2, 1, bias: false).Shared("w")
            )
                .At(map)
                .Errors()
        );
}
