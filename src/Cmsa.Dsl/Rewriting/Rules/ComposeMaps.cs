using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A linear map of a linear map is one linear map, whose weight is a product of weights; beside other terms of a sum
/// too. A convolution of single cells is such a map. It pays where what stands between is wider than what is around it,
/// as the output of an attention is that a convolution narrows.
/// </summary>
public static class ComposeMaps
{
    private static readonly Axis through = new("through");

    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "map of map",
            "W (x + V y + b) + c = W x + (W V) y + (W b + c)",
            node =>
                LinearMap.From(node).Case is LinearMap outer
                && outer.Of.Addends is var terms
                && terms.Exists(t => LinearMap.From(t).IsSome)
                && terms.ForAll(t => t.Shape.Agrees(outer.Of.Shape, Axis.Channel))
                && Composed(outer, terms.Choose(LinearMap.From), terms.Filter(t => LinearMap.From(t).IsNone))
                    .As(node.Shape)
                    is var better
                && terms.Bind(t => LinearMap.From(t).IsSome ? t.Operands : [t]) + node.Operands.Tail is var given
                && better.Work(given) < node.Work(given)
                    ? Some(better)
                    : None
        );

    private static Node Composed(LinearMap outer, Many<LinearMap> inner, Many<Node> rest)
    {
        var (alike, other) = (rest.Filter(Everywhere), rest.Filter(r => !Everywhere(r)));
        var shifts = (alike + inner.Bind(m => m.Bias)).Map(b => b.Linear(outer.Weight)) + outer.Bias;
        var maps =
            (other.IsEmpty ? [] : (Many<Node>)[other.Sum().Linear(outer.Weight)])
            + inner.Map(m =>
                m.Of.Linear(
                    outer.Weight.Rename((Axis.In, through)).Contract(m.Weight.Rename((Axis.Out, through)), [through])
                )
            );
        return ((Many<Node>)[((Many<Node>)[maps.Head] + shifts).Sum()] + maps.Tail).Sum();
    }

    private static bool Everywhere(Node term) => term.Shape.Axes == [Axis.Channel];
}
