namespace Cmsa.Dsl.Tests;

/// <summary>
/// What does not fit is said all at once, each with its path, what was found, what was expected and what to write
/// instead.
/// </summary>
public class ShapeErrorTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(256, 40, 40);

    private static string[] Errors(Layer model, InputSpec inputs) => model.At(inputs).Errors();

    [Fact]
    public void A_sum_of_other_channels() =>
        Assert.Equal(
            ["fuse: sum of [500, 40, 40] and [256, 40, 40]; expected equal shapes; project one with Conv(500, 1)"],
            Errors((Conv(500, 3) + Identity<FeatureMap>()).Named("fuse"), map)
        );

    [Fact]
    public void A_sum_of_other_sizes() =>
        Assert.Equal(
            [
                "model: sum of [256, 20, 20] and [256, 40, 40]; expected equal shapes; make rows and columns "
                    + "agree: check strides and paddings",
            ],
            Errors(Conv(256, 3, stride: 2) + Identity<FeatureMap>(), map)
        );

    [Fact]
    public void All_of_them_at_once() =>
        Assert.Equal(
            [
                "a: Conv(0, 3); expected positive channels, kernel, stride and dilation; give each as at least 1",
                "b: 3 groups from 256 to 9 channels; expected a number of groups that divides both; use Groups: 1 or fewer",
                "model: sum of [9, 40, 40] and [5, 20, 20]; expected equal shapes; project one with Conv(9, 1)",
            ],
            Errors((Conv(0, 3).Named("a") >> Conv(9, 3, groups: 3).Named("b")) + Conv(5, 3, stride: 2).Named("c"), map)
                .Order()
        );

    [Fact]
    public void On_the_level_where_it_is() =>
        Assert.Equal(
            [
                "res5.reduce: 2 groups from 7 to 4 channels; expected a number of groups that divides both; use Groups: 1 or fewer",
            ],
            Errors(
                EachLevel(Conv(4, 1, groups: 2).Named("reduce")),
                InputSpec.Levels(("res4", InputSpec.FeatureMap(6, 4, 4)), ("res5", InputSpec.FeatureMap(7, 4, 4)))
            )
        );

    [Fact]
    public void A_window_larger_than_the_map() =>
        Assert.Equal(
            [
                "model: a 3x3 window of dilation 1 on [256, 2, 2]; expected a window no larger than the padded "
                    + "map; make the picture larger, or the stride before this layer smaller",
            ],
            Errors(MaxPool(3, 2), InputSpec.FeatureMap(256, 2, 2))
        );

    [Fact]
    public void A_mask_of_many_channels() =>
        Assert.Equal(
            ["model: a mask of 256 channels; expected 1 channel; end with Conv(1, 3) before Upsample"],
            Errors(Upsample(320), map)
        );

    [Theory]
    [
        InlineData(320, 2_000_000_000),
        InlineData(20_000, 20),
        InlineData(2_000_000_000, 20),
        InlineData(int.MaxValue, int.MaxValue)
    ]
    public void Sizes_for_no_machine(int side, int words) =>
        Assert.Contains(
            "give smaller sizes",
            Assert.Single(Errors(Paper.Model(Sizes.Paper), InputSpec.Image(side, side) & InputSpec.Tokens(words))),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_value_for_no_machine_is_said_with_its_sizes()
    {
        Assert.Equal(
            [
                "wide: a value of [2000000000, 40, 40] from [256, 40, 40] and [2000000000, 256, 3, 3]; expected "
                    + "at most 1125899906842624 numbers and products; give smaller sizes",
            ],
            Errors(Conv(2_000_000_000, 3, bias: false).Named("wide"), map)
        );
        Assert.Equal(
            Magnitude.Most,
            new Shape(
                new(Axis.Channel, int.MaxValue),
                new(Axis.Row, int.MaxValue),
                new(Axis.Column, int.MaxValue)
            ).Count
        );
        Assert.Equal(long.MaxValue, new[] { long.MaxValue, 1 }.Total(x => x));
    }

    [Fact]
    public void Sizes_of_another_argument()
    {
        Assert.Contains(
            "build them like the argument",
            Assert.Single(Errors(Conv(1, 1), InputSpec.Words(3, 4))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "0 rows of FeatureMap",
            Assert.Single(Errors(Conv(1, 1), InputSpec.FeatureMap(1, 0, 4))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "one for each of channel, row, column",
            Assert.Single(Errors(Conv(1, 1), InputSpec.Of<FeatureMap>(1, 4))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_level_that_the_backbone_does_not_give() =>
        Assert.Contains(
            "level res2 of res3, res5",
            Assert.Single(Errors(Pick("res2"), InputSpec.Levels(("res3", map), ("res5", map)))),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_layer_for_a_level_that_is_not_there() =>
        Assert.Equal(
            ["model: a layer for level res6 of res4, res5; expected a level that is there; did you mean res4?"],
            Errors(EachLevel(Conv(1, 1), ("res6", Conv(1, 3))), InputSpec.Levels(("res4", map), ("res5", map)))
        );

    [Fact]
    public void A_replacement_on_a_level_that_is_not_there() =>
        Assert.Contains(
            "a layer for level res6 of res3, res4, res5",
            Errors(Paper.Model(Sizes.Small).Replace("res6.attention", Identity<WordMaps>()), Sizes.Small.Inputs)[0],
            StringComparison.Ordinal
        );

    [Fact]
    public void Levels_of_other_names_are_not_added() =>
        Assert.Contains(
            "levels res4, res5 combined with levels res3, res5; expected the same levels in both",
            Assert.Single(
                Errors(
                    Identity<Levels<FeatureMap>>() * Identity<Levels<FeatureMap>>()
                        >> Define<Levels<FeatureMap>, Levels<FeatureMap>, Levels<FeatureMap>>((x, y) => x + y),
                    InputSpec.Levels(("res4", map), ("res5", map)) & InputSpec.Levels(("res3", map), ("res5", map))
                )
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Levels_in_another_order_are_added_by_name() =>
        Assert.Equal(
            ["res4", "res5"],
            (
                Identity<Levels<FeatureMap>>() * Identity<Levels<FeatureMap>>()
                >> Define<Levels<FeatureMap>, Levels<FeatureMap>, Levels<FeatureMap>>((x, y) => x + y)
            )
                .At(InputSpec.Levels(("res4", map), ("res5", map)) & InputSpec.Levels(("res5", map), ("res4", map)))
                .Fits()
                .Output.Named.Map(l => l.Name)
        );

    [Fact]
    public void A_size_too_many() =>
        Assert.Equal(
            ["model: sizes [3, 4, 5, 6] of FeatureMap; expected one for each of channel, row, column; give as many"],
            Errors(Conv(1, 1), InputSpec.Of<FeatureMap>(3, 4, 5, 6))
        );

    [Fact]
    public void A_kind_combined_with_one_of_other_axes() =>
        Assert.Equal(
            "A Vector combined with a FeatureMap, which has other axes; write the FeatureMap first: what comes "
                + "out has the kind of the left side.",
            Assert.Throws<ArgumentException>(() => Define<FeatureMap, Vector, Vector>((x, v) => v * x)).Message
        );

    [Fact]
    public void Scalar_functions_added_as_delegates() =>
        Assert.Contains(
            "x => f(x) + g(x)",
            Assert.Throws<ArgumentException>(() => Conv(1, 1) >> (Relu + Tanh)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Heads_that_do_not_divide_the_width() =>
        Assert.Equal(
            [
                "attention: SelfAttention(10, heads: 3); expected a positive width that the heads divide; correct Width or Heads",
            ],
            Errors(
                Multimodal >> SelfAttention(10, heads: 3) >> WordMean,
                InputSpec.FeatureMap(2, 3, 3) & InputSpec.Words(2, 2)
            )
        );

    [Fact]
    public void A_probe_and_a_device_that_are_not_there()
    {
        Assert.Contains(
            "a probe nothing; expected one of seen",
            Assert.Single(Conv(1, 1).Probed("seen").Compile(map, new Options(Probes: ["nothing"])).Errors()),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "device tpu",
            Assert.Single(Conv(1, 1).Compile(map, new Options(Device: "tpu")).Errors()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Tensors_of_other_sizes_are_refused_when_the_module_runs()
    {
        using var module = Conv(1, 1).Compile(InputSpec.FeatureMap(2, 3, 3)).Fits();
        using var wrong = TorchSharp.torch.zeros(1, 2, 3, 4);
        var message = Assert.Throws<ArgumentException>(() => module.Run(wrong)).Message;
        Assert.Equal(
            "Input featureMap is float32 [1, 2, 3, 4] on cpu; the model takes float32 [batch, channel 2, row 3, column 3] on cpu.",
            message
        );
    }
}
