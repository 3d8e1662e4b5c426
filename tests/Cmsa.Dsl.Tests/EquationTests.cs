using Cmsa.Dsl.Testing;

namespace Cmsa.Dsl.Tests;

/// <summary>Layers written as equations.</summary>
public class EquationTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(2, 3, 4);
    private static readonly InputSpec levels = InputSpec.Levels(("res3", map), ("res4", map), ("res5", map));

    private static Layer<Levels<FeatureMap>, FeatureMap> Fusion() =>
        Define<FeatureMap>(x =>
        {
            var m = x.Each(Conv(1, 3) >> Sigmoid, "memory");
            return x.Sum(i => (1 - m[i]) * x[i] + x.Others(i).Sum(j => Learnable("gamma") * m[j] * Tanh(x[j])));
        });

    [Fact]
    public void Defined_twice_it_is_one_value()
    {
        Assert.Equal(Fusion(), Fusion());
        Assert.Equal(Fusion().GetHashCode(), Fusion().GetHashCode());
    }

    [Fact]
    public void A_captured_number_is_part_of_the_value()
    {
        Layer<FeatureMap, FeatureMap> Scaled(double by) => Define<FeatureMap, FeatureMap>(x => by * x);
        Assert.NotEqual(Scaled(1), Scaled(2));
        Assert.Equal(Scaled(2), Scaled(2));
    }

    [Fact]
    public void It_is_shown_as_it_is_written() =>
        Assert.Equal(
            """
            Define(x =>
            {
                var memory = x.Each(Conv(1, 3) >> Sigmoid, "memory");
                return x.Sum(i =>
                    (1 - memory[i]) * x[i] + x.Others(i).Sum(j => Learnable("gamma") * memory[j] * Tanh(x[j]))
                );
            })
            """,
            $"{Fusion()}"
        );

    [Fact]
    public void Learnt_numbers_are_one_for_each_value_of_the_indices() =>
        Assert.Equal(
            [
                "gamma.res3.res4",
                "gamma.res3.res5",
                "gamma.res4.res3",
                "gamma.res4.res5",
                "gamma.res5.res3",
                "gamma.res5.res4",
            ],
            Paths(Fusion()).Where(p => p.StartsWith("gamma", StringComparison.Ordinal)).Order()
        );

    private static Many<string> Paths(Layer equation) => equation.At(levels).Fits().Parameters.Map(p => p.Path);

    [Fact]
    public void A_layer_named_once_has_its_weights_once_however_often_it_is_applied()
    {
        var conv = Conv(2, 1, bias: false).Named("w");
        var twice = Define<FeatureMap, FeatureMap>(x => (x >> conv) + (Tanh(x) >> conv));
        Assert.Equal(["w.weight"], twice.At(map).Fits().Parameters.Map(p => p.Path));
    }

    [Fact]
    public void Gates_stay_inside() =>
        Laws.GatesStayInside(
                Define<FeatureMap>(x =>
                {
                    var m = x.Each((Conv(1, 3) >> Sigmoid).Probed("gate"), "memory");
                    return x.Sum(i => m[i] * x[i]);
                }),
                levels,
                "gate"
            )
            .Check();

    [Fact]
    public void A_gate_that_leaves_is_found_out() =>
        Assert.Contains(
            "gate",
            Assert
                .Throws<LawBrokenException>(() =>
                    Laws.GatesStayInside((Conv(1, 3) >> Relu).Probed("gate"), InputSpec.FeatureMap(2, 3, 4), "gate")
                        .Check()
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void An_equation_of_numbers_alone_is_no_map() =>
        Assert.Equal(
            [
                "model: a result [] of axes []; expected a FeatureMap, of axes [channel, row, column]; let every "
                    + "result be made of the layer's argument",
            ],
            Define<FeatureMap, FeatureMap>(x => 1.0).At(InputSpec.FeatureMap(2, 3, 3)).Errors()
        );

    [Fact]
    public void A_level_that_is_not_there_is_refused() =>
        Assert.Equal(
            ["model: level res9 of res3, res4, res5; expected a level that is there; name one of these"],
            Define<FeatureMap>(x => x["res9"] + x["res3"]).At(levels).Errors()
        );
}
