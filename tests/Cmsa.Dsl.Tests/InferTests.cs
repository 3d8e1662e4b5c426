using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using LanguageExt;
using static LanguageExt.Prelude;
using Parameter = Cmsa.Dsl.Graphs.Parameter;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// What operations require of their operands: what does not fit is an error before anything runs, and what fits runs.
/// </summary>
[Collection(nameof(Alone))]
public class InferTests
{
    private static Dimension C(int size) => new(Axis.Channel, size);

    private static Dimension R(int size) => new(Axis.Row, size);

    private static Dimension K(int size) => new(Axis.Column, size);

    private static Dimension N(int size) => new(Axis.Word, size);

    private static Node Given(string name, params Many<Dimension> of) =>
        new(new Input(name, new([new(Axis.Batch, 1), .. of])));

    private static Node Own(string name, params Many<Dimension> of) =>
        new(new Parameter(name, new(of), new Initializer.Normal(1), Role.Weight));

    private static Node Mask(params Many<Dimension> of) =>
        new(new Input("m", new([new(Axis.Batch, 1), .. of]), ElementType.Boolean));

    private static readonly Many<Dimension> linear = [new(Axis.Out, 2), new(Axis.In, 3)];
    private static readonly Many<Dimension> kernel =
    [
        new(Axis.Out, 2),
        new(Axis.In, 3),
        new(Axis.KernelRow, 3),
        new(Axis.KernelColumn, 3),
    ];
    private static readonly Convolve convolve = new(1, 1, 1, 1);
    private static readonly Node x = Given("x", C(3), R(4), K(4));
    private static readonly Node words = Given("w", N(3), C(8));

    private static readonly Many<(string What, Node Node, string Said)> misfits =
    [
        ("a linear weight with a batch axis", x.Linear(Given("W", linear)), "a weight with batch"),
        ("a kernel with a batch axis", new(convolve, x, Given("W", kernel)), "a weight with batch"),
        ("a linear weight without out", x.Linear(Own("W", new Dimension(Axis.In, 3))), "a weight [3] without out"),
        ("a bias of rows too", new(new Linear(), x, Own("W", linear), Own("b", C(2), R(4))), "a bias [2, 4]"),
        ("a bias of one channel", new(convolve, x, Own("W", kernel), Own("b", C(1))), "a bias [1]"),
        ("a bias with a batch axis", new(convolve, x, Own("W", kernel), Given("b", C(2))), "a bias [2]"),
        (
            "a convolution of what has no rows",
            new(convolve, Given("x", C(3), K(4)), Own("W", kernel)),
            "a map [3, 4] without row"
        ),
        (
            "groups that do not divide the channels",
            new(new Convolve(1, 1, 1, 3), Given("x", C(9), R(4), K(4)), Own("W", kernel)),
            "groups"
        ),
        (
            "a batch norm of other channels",
            new(new NormaliseBatch(1e-5, .1, false), x, Own("g", C(2)), Own("b", C(3)), Own("m", C(3)), Own("v", C(3))),
            "gain, bias, mean and variance of 3 channels"
        ),
        ("a sum along an axis that is not there", x.Reduce(Reduction.Sum, [Axis.Word]), "without word"),
        ("a sum along the batch", x.Reduce(Reduction.Sum, [Axis.Batch]), "along the batch"),
        ("a contraction along an axis that is not there", x.Contract(Given("y", C(3)), [Axis.Word]), "without word"),
        ("a distribution along no axis", x.Softmax([]), "along no axis"),
        ("a mask of other words", Given("y", N(3)).Softmax([Axis.Word], Some(Mask(N(2)))), "the same word count"),
        ("two axes of one name", x.Rename((Axis.Row, Axis.Column)), "called column"),
        ("a slice of an axis that is not there", x.Slice(Axis.Word, 0, 1), "word 0 to 1"),
        ("an axis repeated that is longer than 1", new(new Repeat(new(R(3))), x), "repeated along"),
        ("an axis merged that is not there", new(new Merge(Axis.Head, Axis.Channel), x), "without head"),
        ("a recurrence with another weight", new(new Recur(2), words, Mask(N(3)), Own("W", linear)), "one of 2 to 8"),
        (
            "a recurrence of other channels",
            new(new Recur(3), words, Mask(N(3)), Own("W", new(Axis.Out, 12), new(Axis.In, 3))),
            "12 channels"
        ),
        ("the last of what has no words", new(new LastOne(), x), "without word"),
        (
            "a fused attention of queries on the far side",
            new(new FusedAttention([Axis.Row.Prime]), x.Prime([Axis.Row]), x.Prime([Axis.Row]), x.Prime([Axis.Row])),
            "queries with row'"
        ),
    ];

    public static TheoryData<string> Misfits => [.. misfits.Map(m => m.What)];

    [Theory, MemberData(nameof(Misfits))]
    public void What_does_not_fit_is_an_error(string what)
    {
        var (_, node, said) = misfits.Single(m => m.What == what);
        Assert.Contains(said, string.Join("; ", node.Errors), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Graph.Of("model", node));
    }

    [Fact]
    public void A_layer_that_convolves_with_a_weight_of_each_sample_does_not_fit() =>
        Assert.Contains(
            "a weight with batch",
            Assert.Single(new ByItself().At(InputSpec.FeatureMap(3, 4, 4)).Errors()),
            StringComparison.Ordinal
        );

    /// <summary>A layer that convolves a map with a kernel made of the map.</summary>
    private sealed record ByItself : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope)
        {
            var mean = input.Node.Reduce(Reduction.Mean, [Axis.Row, Axis.Column]).Rename((Axis.Channel, Axis.In));
            return new Node(
                new Convolve(1, 0, 1, 1),
                input.Node,
                mean * Own("k", new(Axis.Out, 3), new(Axis.KernelRow, 1), new(Axis.KernelColumn, 1))
            );
        }
    }

    public static TheoryData<string> Rules => [.. GraphOptimizer.Rules.Map(r => r.Name)];

    [Theory, MemberData(nameof(Rules))]
    public void What_fits_runs(string name)
    {
        var rule = GraphOptimizer.Rules.Single(r => r.Name == name);
        foreach (var near in rule.Examples.Bind(example => NearMisses.OneStep(example())))
        {
            var graph = Graph.Of("near", near);
            Assert.True(GraphComparison.Differences(graph, graph, training: false) is { IsEmpty: true }, $"{graph}");
        }
    }
}
