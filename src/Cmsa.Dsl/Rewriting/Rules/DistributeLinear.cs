using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A linear map (a convolution of single cells too) of a concatenation is a sum of linear maps, and a linear map of a
/// sum is the sum of the maps: each part is mapped for its own axes alone.
/// </summary>
public static class DistributeLinear
{
    /// <summary>Over a concatenation: the weight falls into stretches, one a part.</summary>
    public static Rule OverConcat { get; } =
        new(
            "linear of concat",
            "W [x; y] = W_x x + W_y y",
            node =>
                LinearMap.From(node).Case is LinearMap { Of: { Operation: Concat(var axis) } parts } map
                && axis == Axis.Channel
                && parts.Operands.Exists(p => p.Shape.Axes != parts.Shape.Axes)
                && parts.Operands.ForAll(p => p.Shape.Has(Axis.Channel))
                    ? Some(
                        (
                            Stretches(parts.Operands)
                                .Map(s => s.Part.Linear(map.Weight.Slice(Axis.In, s.Start, s.Part.Shape[Axis.Channel])))
                            + map.Bias
                        )
                            .Sum()
                            .As(node.Shape)
                    )
                    : None
        );

    /// <summary>Over a sum, where that spares work: its terms lack axes that the sum has.</summary>
    public static Rule OverSum { get; } =
        new(
            "linear of sum",
            "L (x + y) = L x + L y",
            node =>
                node.Operation is { ReducedAxes: { } mixes } operation
                && operation is Linear or Convolve or Split or Rename or Merge
                && node.Operands[0] is { Operation: Add } sum
                && sum.Groups is { Count: > 1 } groups
                && (
                    operation is Rename
                    || groups.ForAll(g => g.Shape.Agrees(sum.Shape, sum.Shape.Axes.Filter(mixes.Contains)))
                )
                && (
                    groups.Map(g => new Node(node.Operation, [g, .. node.Operands.Tail.Take(1)]))
                    + node.Operands.Skip(2).ToMany()
                )
                    .Sum()
                    .As(node.Shape)
                    is var better
                && (
                    node.Operation is Split or Rename or Merge
                    || better.Work([.. groups, .. node.Operands.Tail]) < node.Work(node.Operands)
                )
                    ? Some(better)
                    : None
        );

    private static Many<(Node Part, int Start)> Stretches(Many<Node> parts) =>
        parts
            .Fold(
                (Start: 0, Found: default(Many<(Node, int)>)),
                (at, part) => (at.Start + part.Shape[Axis.Channel], at.Found.Add((part, at.Start)))
            )
            .Found;
}
