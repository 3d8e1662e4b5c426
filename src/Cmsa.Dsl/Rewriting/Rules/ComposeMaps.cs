using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
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
    private static readonly Variable<Node> whole = new("map"),
        better = new("one map");
    private static readonly Variable<LinearMap> outer = new("W");
    private static readonly Variable<Terms> terms = new("V x + y");

    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new Rule("map of map", whole.Is(outer.Seen("{0}", LinearMap.From, LinearMap.Roots)))
            .Finds("a linear map among the terms of what is mapped", terms, at => Terms.Of(outer.In(at).Of))
            .Let(better, at => Composed(outer.In(at), terms.In(at)).As(whole.In(at).Shape))
            .Pays(
                "it spares work",
                at =>
                    Given(whole.In(at), terms.In(at)) is var given
                    && better.In(at).Work(given) < whole.In(at).Work(given),
                refused: () => Data("x", C(8), R(2)).Linear(Weight("V", 1, 8)).Linear(Weight("W", 8, 1))
            )
            .Becomes(better)
            .Example(() => Data("x", C(2), R(6), K(6)).Linear(Weight("V", 8, 2)).Linear(Weight("W", 2, 8)))
            .Example(() =>
                (Data("x", C(2), R(6), K(6)).Affine(Weight("V", 8, 2), Own("b", C(8))) + Own("y", C(8))).Affine(
                    Weight("W", 2, 8),
                    Own("c", C(2))
                )
            )
            .Example(() =>
                (Data("x", C(2), R(9), K(6)).Linear(Weight("V", 24, 2)) + Data("y", C(24), N(1))).Linear(
                    Weight("W", 2, 24)
                )
            );

    /// <summary>The terms of what is mapped: those that are maps themselves, and the others.</summary>
    private sealed record Terms(Many<Node> All, Many<LinearMap> Maps, Many<Node> Rest)
    {
        public static Option<Terms> Of(Node mapped)
        {
            var all = mapped.Addends;
            var maps = all.Choose(LinearMap.From);
            return maps.IsEmpty ? None : Some(new Terms(all, maps, all.Filter(t => LinearMap.From(t).IsNone)));
        }
    }

    private static Many<Node> Given(Node whole, Terms terms) =>
        terms.All.Bind(t => LinearMap.From(t).IsSome ? t.Operands : [t]) + whole.Operands.Tail;

    private static Node Composed(LinearMap outer, Terms terms)
    {
        var (alike, other) = (terms.Rest.Filter(IsBias), terms.Rest.Filter(r => !IsBias(r)));
        var shifts = (alike + terms.Maps.Bind(m => m.Bias)).Map(b => b.Linear(outer.Weight)) + outer.Bias;
        Many<Node> unmapped = other.IsEmpty ? [] : [other.Sum().Linear(outer.Weight)];
        var maps = unmapped + terms.Maps.Map(m => m.Of.Linear(Product(outer.Weight, m.Weight)));
        Many<Node> first = [maps.Head];
        Many<Node> shifted = [(first + shifts).Sum()];
        return (shifted + maps.Tail).Sum();
    }

    private static Node Product(Node outer, Node inner) =>
        outer.Rename((Axis.In, through)).Contract(inner.Rename((Axis.Out, through)), [through]);

    private static bool IsBias(Node term) => term.Shape.Axes == [Axis.Channel];
}
