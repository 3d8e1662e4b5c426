using Cmsa.Dsl.Testing;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// Squeeze and excitation (Hu et al. 2018), said in the language: each channel times a gate that all places of the map
/// decide together.
/// </summary>
public static class SqueezeExcite
{
    public static Layer<FeatureMap, FeatureMap> Of(int channels, int reduced) =>
        Define<FeatureMap, FeatureMap>(x =>
            x
            * (x >> (AdaptiveAveragePool(1) >> Conv(reduced, 1) >> Relu >> Conv(channels, 1) >> Sigmoid).Named("gate"))
        );
}

/// <summary>
/// The channels put in another order, so that groups of convolutions meet (ShuffleNet): a layer, an operation and a
/// kernel of a user's own.
/// </summary>
/// <param name="Groups">How many groups are interleaved.</param>
public sealed record Shuffle(int Groups) : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) =>
        input.Node.Shape[Axis.Channel] % Groups == 0
            ? new Node(new Interleave(Groups), input.Node)
                * scope.Parameter(
                    "scale",
                    new Initializer.Fill(1),
                    Role.Gain,
                    new Dimension(Axis.Channel, input.Node.Shape[Axis.Channel])
                )
            : input.Node.With(
                Error.Misfit(
                    $"{this} of {input.Node.Shape}",
                    "groups that divide the channels",
                    "choose another number of groups"
                )
            );

    public override Option<string> Name => "shuffle";
}

/// <summary>Channel <c>g * n + i</c> becomes channel <c>i * Groups + g</c>.</summary>
public sealed record Interleave(int Groups) : Operation
{
    static Interleave() =>
        Kernels.Register<Interleave>(
            (node, _) =>
                (x, _) => x[0].unflatten(1, [((Interleave)node.Operation).Groups, -1]).transpose(1, 2).flatten(1, 2)
        );

    public override Inferred Infer(Many<Shape> operands) => operands[0];
}

/// <summary>An operation for which nobody registered a kernel.</summary>
public sealed record Unheard : Operation
{
    public override Inferred Infer(Many<Shape> operands) => operands[0];
}

public sealed record Unhearing : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) => new Node(new Unheard(), input.Node);
}

/// <summary>Two linear maps under one name.</summary>
public sealed record TwoInOne : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) => scope.Linear(scope.Linear(input.Node, 4), 4);
}

/// <summary>A layer without a name.</summary>
public sealed record Nameless : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) => scope.Linear(input.Node, 4);
}

/// <summary>A part that cannot be put back.</summary>
public sealed record Shut(Layer<FeatureMap, FeatureMap> Inside) : Layer<FeatureMap, FeatureMap>
{
    public override Many<Layer> Parts => [Inside];

    protected override Signal Elaborate(Signal input, Scope scope) => scope.Run(0, input);
}

/// <summary>State beside the constructor.</summary>
public sealed record Forgetful : Layer<FeatureMap, FeatureMap>
{
    public int Times { get; init; }

    protected override Signal Elaborate(Signal input, Scope scope) => input.Node * Times;
}

/// <summary>Lists that are compared by reference.</summary>
public sealed record Listing(List<int> Widths) : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) => input;
}

/// <inheritdoc cref="Listing"/>
public sealed record Arrayed(int[] Widths) : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) => input;
}

/// <summary>A layer that throws.</summary>
public sealed record Broken : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) =>
        throw new InvalidOperationException("no such thing");
}

/// <summary>A layer that gives another kind than it declares.</summary>
public sealed record Liar : Layer<FeatureMap, (FeatureMap, FeatureMap)>
{
    protected override Signal Elaborate(Signal input, Scope scope) => input;
}

/// <summary>A layer that a user writes in his own assembly is a layer like any other.</summary>
public class OwnLayerTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(4, 3, 5);

    public static TheoryData<string, Layer<FeatureMap, FeatureMap>> Layers =>
        new()
        {
            { "squeeze and excitation", SqueezeExcite.Of(4, 2) },
            { "shuffle", new Shuffle(2) },
            {
                "both, composed",
                Conv(6, 3)
                    >> new Shuffle(3).Named("mixed")
                    >> Residual(SqueezeExcite.Of(6, 1).Named("se"))
                    >> new Shuffle(2)
            },
        };

    [Theory, MemberData(nameof(Layers))]
    public void It_obeys_the_laws(string name, Layer<FeatureMap, FeatureMap> layer)
    {
        Assert.NotEmpty(name);
        foreach (
            Law<FeatureMap, FeatureMap> law in new Law<FeatureMap, FeatureMap>[]
            {
                Laws.IsAValue,
                Laws.ShowsItself,
                Laws.ReplacingByTheSameChangesNothing,
                Laws.ShapeIsInferred,
                Laws.ParametersAreCounted,
                Laws.BatchIsItsSamples,
                Laws.OptimisedIsAsWritten,
                Laws.StartsFromItsSeed,
                Laws.LeaksNothing,
            }
        )
            law(layer, map, 3).Check();
    }

    [Fact]
    public void It_is_shown() =>
        Assert.Equal("Conv(4, 1) >> Shuffle(2).Named(\"mix\")", (Conv(4, 1) >> new Shuffle(2).Named("mix")).ToString());

    [Fact]
    public void It_computes_what_it_says()
    {
        using var scope = NewDisposeScope();
        var module = new Shuffle(2)
            .Compile(InputSpec.FeatureMap(4, 1, 1), new Options(Precision: Precision.Float64))
            .Fits();
        Assert.Equal(
            [0, 2, 1, 3],
            module.Run(arange(4, ScalarType.Float64).reshape(1, 4, 1, 1)).data<double>().ToArray()
        );
    }

    [Fact]
    public void It_learns()
    {
        using var scope = NewDisposeScope();
        var module = (SqueezeExcite.Of(4, 2) >> new Shuffle(2)).Compile(map, new Options(Training: true)).Fits();
        var optimizer = optim.Adam(module.parameters(), 0.05);
        var (x, wanted) = (
            Drawn.Uniform("x", [8, 4, 3, 5]).to(float32),
            Drawn.Uniform("wanted", [8, 4, 3, 5]).to(float32)
        );
        var losses = Enumerable
            .Range(0, 20)
            .Select(_ =>
            {
                optimizer.zero_grad();
                var loss = (module.Run(x) - wanted).square().mean();
                loss.backward();
                optimizer.step();
                return loss.item<float>();
            })
            .ToList();
        Assert.All(module.named_parameters(), p => Assert.True(p.parameter.grad is not null, p.name));
        Assert.True(losses[^1] < 0.9 * losses[0]);
    }

    [Fact]
    public void It_replaces_and_is_replaced() =>
        Assert.Equal(
            "Conv(4, 1) >> Shuffle(4)",
            (Conv(4, 1) >> new Shuffle(2)).Replace<Shuffle>(s => s with { Groups = 4 }).ToString()
        );

    [Fact]
    public void What_does_not_fit_is_said() =>
        Assert.Equal(
            [
                "shuffle: Shuffle(3) of [4, 3, 5]; expected groups that divide the channels; choose another number of groups",
            ],
            new Shuffle(3).At(map).Errors()
        );

    [Fact]
    public void An_operation_without_a_kernel_says_what_to_do() =>
        Assert.Equal(
            "The TorchSharp target has no kernel for Unheard; register one with Kernels.Register.",
            Assert.Throws<NotSupportedException>(() => new Unhearing().Compile(map)).Message
        );

    [Fact]
    public void A_law_that_does_not_hold_says_what_differs()
    {
        var verdict = Laws.WordOrderDoesNotMatter(
            Identity<FeatureMap>() * Lstm<Words>(2) >> Multimodal >> LastMap,
            InputSpec.FeatureMap(1, 1, 1) & InputSpec.Words(3, 2)
        );
        Assert.False(verdict.Holds);
        Assert.Contains("with the words in reverse", $"{verdict}", StringComparison.Ordinal);
        Assert.Contains("differs by", $"{verdict}", StringComparison.Ordinal);
    }

    [Fact]
    public void Two_parameters_of_one_name_are_refused() =>
        Assert.Equal(
            "model: two parameters weight in one TwoInOne; expected a name for each; make one of them in another "
                + "scope: scope.Below(\"second\").Linear(...)",
            new TwoInOne().At(map).Errors()[0]
        );

    [Fact]
    public void A_layer_without_a_name_stands_in_a_model_once()
    {
        Assert.Contains(
            "a parameter weight of Nameless and another of Nameless; expected a path for each parameter",
            (new Nameless() >> new Nameless()).At(map).Errors()[0],
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["a.bias", "a.weight", "b.bias", "b.weight"],
            (new Nameless().Named("a") >> new Nameless().Named("b")).At(map).Fits().Parameters.Map(p => p.Path).Order()
        );
        Assert.Equal(
            ["one.bias", "one.weight"],
            (new Nameless().Shared("one") >> new Nameless().Shared("one"))
                .At(map)
                .Fits()
                .Parameters.Map(p => p.Path)
                .Order()
        );
    }

    public static TheoryData<Layer<FeatureMap, FeatureMap>, string> NoValues { get; } =
        new()
        {
            { new Shut(Conv(4, 1)), "Shut has Parts and no With" },
            {
                new Forgetful { Times = 2 },
                "Forgetful has state that its constructor does not take"
            },
            { new Listing([1, 2]), "Listing holds a List<Int32> in Widths, which is compared by reference" },
            { new Arrayed([1, 2]), "Arrayed holds a Int32[] in Widths, which is compared by reference" },
        };

    [Theory, MemberData(nameof(NoValues))]
    public void What_is_no_value_is_refused_at_its_first_use_and_by_the_law(
        Layer<FeatureMap, FeatureMap> layer,
        string sentence
    )
    {
        Assert.Contains($"a: {sentence}", layer.Named("a").At(map).Errors()[0], StringComparison.Ordinal);
        Assert.False(Laws.IsAValue(layer, map).Holds);
    }

    [Fact]
    public void What_it_throws_says_where_it_stands()
    {
        var thrown = Assert.Throws<ElaborationException>(() =>
            EachLevel((Conv(4, 1) >> new Broken()).Named("inside")).At(InputSpec.Levels(("low", map)))
        );
        Assert.Equal("low.inside", thrown.Path);
        Assert.Equal("low.inside: Broken.Elaborate threw InvalidOperationException: no such thing", thrown.Message);
        Assert.IsType<InvalidOperationException>(thrown.InnerException);
    }

    [Fact]
    public void What_is_not_of_its_kind_is_refused() =>
        Assert.Equal(
            [
                "model: a result that is one tensor [4, 3, 5]; expected (FeatureMap, FeatureMap), which is a "
                    + "pair; let Elaborate give what the layer's second kind says",
            ],
            new Liar().At(map).Errors()
        );
}
