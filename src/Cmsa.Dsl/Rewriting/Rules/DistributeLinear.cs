using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A linear map (a convolution of single cells too) of a concatenation is a sum of linear maps, and a linear map of a
/// sum is the sum of the maps: each part is mapped for its own axes alone.
/// </summary>
public static class DistributeLinear
{
    private static readonly Variable<Node> sum = new("sum");
    private static readonly Variable<Node> better = new("sum of maps");
    private static readonly Variable<Many<Node>> parts = new("x"),
        groups = new("x"),
        rest = new("W");
    private static readonly Variable<LinearMap> map = new("W");
    private static readonly Variable<Operation> f = new("f");
    private static readonly Variable<Concat> concat = new("concat");

    /// <summary>Over a concatenation: the weight falls into stretches, one a part.</summary>
    public static Rule OverConcat { get; } =
        new Rule(
            "linear of concat",
            map.Seen(LinearMap.From, m => m.Of, concat.On(c => c.Axis == Axis.Channel, [], parts), LinearMap.Roots)
        )
            .Pays(
                "a part lacks an axis",
                at => parts.In(at).Exists(p => p.Shape.Axes != map.In(at).Of.Shape.Axes),
                refused: () => Node.Concat(Axis.Channel, Data("x", C(3)), Data("y", C(2))).Linear(Weight("W", 4, 5))
            )
            .Becomes(at =>
                (Stretches(parts.In(at)).Map(s => Mapped(s.Part, s.Start, map.In(at).Weight)) + map.In(at).Bias).Sum()
            )
            .Example(() => Node.Concat(Axis.Channel, Data("x", C(3), R(2)), Data("y", C(2))).Linear(Weight("W", 2, 5)))
            .Example(() =>
                Node.Concat(Axis.Channel, Data("x", C(3), R(2)), Data("y", C(2)), Data("z", C(1), N(2)))
                    .Affine(Weight("W", 2, 6), Own("b", C(2)))
            )
            .Example(() =>
                Node.Concat(Axis.Channel, Data("x", C(3), R(2), K(2)), Data("y", C(2))).Convolve(Weight("W", 2, 5, 1))
            );

    /// <summary>Over a sum whose terms lack axes that the sum has.</summary>
    public static Rule OverSum { get; } =
        new Rule("linear of sum", f.OneOf(Linears, [sum.Is(groups.Seen("sum {0}", GroupsOf, [typeof(Add)]))], rest))
            .When(
                "each term has the axes that the operation mixes",
                at => f.In(at) is Rename || groups.In(at).ForAll(g => g.Shape.Agrees(sum.In(at).Shape, Mixed(at))),
                refused: () =>
                    (Data("x", C(2), R(3), K(3), N(3)) + Data("y", C(2), R(1), K(3), J(3))).Convolve(
                        Weight("W", 8, 2, 3)
                    )
            )
            .Let(
                better,
                at =>
                    (
                        groups.In(at).Map(g => new Node(f.In(at), [g, .. rest.In(at).Take(1)]))
                        + rest.In(at).Skip(1).ToMany()
                    ).Sum()
            )
            .Pays(
                "it spares work",
                at =>
                    f.In(at) is Split or Rename or Merge
                    || Spares(better.In(at), f.In(at), sum.In(at), groups.In(at), rest.In(at)),
                refused: () => (Data("x", C(1), R(2)) + Data("y", C(1), K(2))).Linear(Weight("W", 8, 1))
            )
            .Becomes(better)
            .Example(() => (Data("x", C(3), R(4)) + Data("y", C(3), K(4))).Linear(Weight("W", 2, 3)))
            .Example(() => (Data("x", C(6), R(4)) + Data("y", C(6), K(4))).Affine(Weight("W", 2, 6), Own("b", C(2))))
            .Example(() =>
                (Data("x", C(2), R(3), K(3), N(3)) + Data("y", C(2), R(3), K(3), J(3))).Convolve(Weight("W", 2, 2, 3))
            )
            .Example(() => new(new Split(Axis.Channel, Axis.Head, 2), Data("x", C(4), R(2)) + Data("y", C(4), K(2))))
            .Example(() => (Data("x", R(2)) + Data("y", K(2))).Rename((Axis.Row, Axis.Row.Prime)));

    private static Many<Type> Linears =>
        [typeof(Linear), typeof(Convolve), typeof(Split), typeof(Rename), typeof(Merge)];

    private static Option<Many<Node>> GroupsOf(Node node) =>
        node.Operation is Add && node.Groups is { Count: > 1 } groups ? Some(groups) : None;

    private static Many<Axis> Mixed(Match at) =>
        f.In(at).ReducedAxes is { } mixes ? sum.In(at).Shape.Axes.Filter(mixes.Contains) : sum.In(at).Shape.Axes;

    private static bool Spares(Node better, Operation operation, Node sum, Many<Node> groups, Many<Node> rest) =>
        better.Work(groups + rest) < new Node(operation, [sum, .. rest]).Work([sum, .. rest]);

    private static Node Mapped(Node part, int start, Node weight) =>
        part.Linear(weight.Slice(Axis.In, start, part.Shape[Axis.Channel]));

    private static Many<(Node Part, int Start)> Stretches(Many<Node> parts)
    {
        var start = 0;
        var found = new List<(Node, int)>();
        foreach (var part in parts)
        {
            found.Add((part, start));
            start += part.Shape[Axis.Channel];
        }
        return found.ToMany();
    }
}
