using Cmsa.Models.Catalogues;

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
                "conv: a parameter conv and parameters under conv; expected another name for one of them; name "
                    + "the layer or the learnable number otherwise",
            ],
            Define<FeatureMap, FeatureMap>(x => Learnable("conv") * (x >> Conv(2, 1))).At(map).Errors()
        );

    [Fact]
    public void Weights_shared_in_two_shapes_are_refused() =>
        Assert.Equal(
            [
                "w.weight: one parameter as [2, 2, 1, 1] and as [2, 3, 1, 1]; expected one shape for all who "
                    + "share it; give the layers different names, or make them equal",
            ],
            (
                (Conv(2, 1, bias: false).Shared("w") >> Conv(3, 1).Named("between"))
                >> Conv(2, 1, bias: false).Shared("w")
            )
                .At(map)
                .Errors()
        );

    private static readonly Layer<FeatureMap, FeatureMap> map1 = Conv(2, 1, bias: false);

    [Fact]
    public void Equal_layers_of_one_name_in_one_place_share_their_weights()
    {
        Assert.Equal(["s.weight"], Weights(map1.Named("s") >> Relu >> map1.Named("s"), map));
        Assert.Equal(
            ["a.s.weight", "b.s.weight"],
            Weights(map1.Named("s").Named("a") >> map1.Named("s").Named("b"), map)
        );
        Assert.Equal(
            ["m.conv.weight", "m.conv_2.weight"],
            Weights((map1 >> Relu >> map1).Named("m") >> Tanh >> (map1 >> Relu >> map1).Named("m"), map)
        );
    }

    [Fact]
    public void Sharing_is_the_same_in_equations_and_in_pipelines()
    {
        var pool = AdaptiveAveragePool(1);
        var mlp = map1.Named("mlp");
        Assert.Equal(
            ["mlp.weight"],
            Weights(Define<FeatureMap, FeatureMap>(x => (x >> pool >> mlp) + (Tanh(x) >> pool >> mlp)), map)
        );
        Assert.Equal(
            ["mlp.weight"],
            Weights(Define<FeatureMap, FeatureMap>(x => (x >> (pool >> mlp)) + (Tanh(x) >> (pool >> mlp))), map)
        );
        Assert.Equal(["mlp.weight"], Weights((pool >> mlp) + (Tanh >> pool >> mlp), map));
    }

    [Fact]
    public void A_layer_without_a_name_never_shares()
    {
        Assert.Equal(
            ["conv.weight", "conv_2.weight"],
            Weights(Define<FeatureMap, FeatureMap>(x => (x >> map1) + (x >> map1)), map)
        );
        Assert.Equal(["conv.weight", "conv_2.weight"], Weights(map1 + map1, map));
    }

    [Fact]
    public void A_symbol_that_stands_in_a_formula_twice_is_one_use_of_its_layer()
    {
        var once = Define<FeatureMap, FeatureMap>(x =>
        {
            var y = x >> map1;
            return y * Sigmoid(y);
        });
        Assert.Equal(["conv.weight"], Weights(once, map));
    }

    [Fact]
    public void Equations_with_several_uses_are_values_and_read_back()
    {
        Layer<FeatureMap, FeatureMap> Twice() => Define<FeatureMap, FeatureMap>(x => (x >> map1) + (x >> map1));
        Assert.Equal(Twice(), Twice());
        Assert.Equal(Twice(), Json.Read(Json.Write(Twice())).Fits());
    }

    [Fact]
    public void A_name_and_a_shared_path_do_not_meet_by_accident()
    {
        Assert.Contains(
            "a Named and a Shared layer s; expected Shared for both, or two names",
            (map1.Named("s") >> map1.Shared("s")).At(map).Errors()[0],
            StringComparison.Ordinal
        );
        Assert.Contains(
            "a parameter conv.weight of Conv(2, 1, bias: false) and another of Conv(2, 1, bias: false)",
            (map1.Shared("conv") >> map1).At(map).Errors()[0],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Unlike_layers_of_one_name_are_refused() =>
        Assert.Contains(
            "two layers named s, Conv(2, 1, bias: false) and Conv(2, 3, bias: false), which are not equal",
            (map1.Named("s") >> Conv(2, 3, bias: false).Named("s")).At(map).Errors()[0],
            StringComparison.Ordinal
        );

    [Fact]
    public void What_is_shared_must_be_kept_alike() =>
        Assert.Equal(
            [
                "w.weight: one parameter as Weight, He and as Frozen, He; expected the same for all who share it; "
                    + "write Frozen, InitializedBy and InFloat32 inside Shared, so that they are the same for all",
            ],
            (map1.Shared("w") >> map1.Shared("w").Frozen()).At(map).Errors()
        );

    [Theory]
    [InlineData("a."), InlineData(""), InlineData("a..b"), InlineData("a b"), InlineData("a/b"), InlineData("*")]
    public void A_name_is_made_of_letters_and_digits(string name)
    {
        Layer<FeatureMap, FeatureMap>[] named = [map1.Named(name), map1.Shared(name), map1.Probed(name)];
        Assert.All(
            named,
            layer =>
                Assert.Contains(
                    $"the name \"{name}\"; expected letters, digits, - and _",
                    Assert.Single(layer.At(map).Errors()),
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void Two_probes_of_one_name_are_refused() =>
        Assert.Contains(
            "two probes seen, of Probe<FeatureMap>(\"seen\") and of Probe<FeatureMap>(\"seen\"); expected one name for each probe",
            Assert.Single((map1.Probed("seen") >> Relu >> map1.Probed("seen")).At(map).Errors()),
            StringComparison.Ordinal
        );

    [Fact]
    public void The_probe_of_a_layer_that_is_run_again_is_numbered()
    {
        var once = map1.Probed("seen").Shared("s");
        Assert.Equal(["s.seen", "s.seen_2"], (once >> once).At(map).Fits().Probes.Order());
    }

    [Fact]
    public void The_catalogues_parameters_have_unlike_paths() =>
        Assert.All(
            Catalogue.All,
            entry =>
            {
                var paths = entry.Layer.At(entry.Inputs).Fits().Parameters.Map(p => p.Path);
                Assert.Equal(paths.Count, paths.Distinct().Count);
            }
        );
}
