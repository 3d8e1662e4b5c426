using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Contractions of sums and of products fall apart into contractions of their parts.</summary>
public static class FactorContraction
{
    private static readonly Variable<Node> a = new("a"),
        x = new("x"),
        sum = new("sum"),
        better = new("sum of contractions");
    private static readonly Variable<Contract> contract = new("contract");
    private static readonly Variable<Many<Node>> groups = new("x"),
        factors = new("factors of a"),
        apart = new("factors apart");
    private static readonly Axis i = Axis.Row.Prime,
        j = Axis.Word.Prime;

    /// <summary>A contraction with a sum whose terms have different axes is a sum of contractions.</summary>
    public static Rule OverSum { get; } =
        new Rule("contract sum", contract.On(a, sum.Is(groups.Seen("sum {0}", GroupsOf, [typeof(Add)]))))
            .When(
                "the weights or the term are as long as the sum along each summed axis",
                at => groups.In(at).ForAll(g => Over(at).ForAll(s => IsWhole(s, a.In(at), g, a.In(at), sum.In(at)))),
                refused: () => Data("a", I(1)).Softmax([i]).Contract(Data("x", I(3), C(2)) + Data("y", N(2), C(2)), [i])
            )
            .Pays(
                "a term lacks a summed axis",
                at => groups.In(at).Exists(g => Over(at).Exists(s => !g.Shape.Has(s))),
                refused: () =>
                    Data("a", R(4), I(1)).Softmax([i]).Contract(Data("x", I(1), C(2)) + Data("y", I(1), N(2)), [i])
            )
            .Pays(
                "the weights sum to one along it, or by a factor of their own",
                at => groups.In(at).ForAll(g => SumsAlone(a.In(at), Over(at), g)),
                refused: () => Data("a", R(4), I(1)).Contract(Data("x", I(1), C(2)) + Data("y", N(2), C(2)), [i])
            )
            .Becomes(at => groups.In(at).Map(g => Contracted(a.In(at), g, Over(at))).Sum())
            .Example(() =>
                Data("a", R(2), I(3)).Softmax([i]).Contract(Data("x", I(3), C(2)) + Data("y", N(2), C(2)), [i])
            )
            .Example(() =>
                (Data("a", I(3)) * Data("b", J(2))).Contract(Data("x", I(3), J(2)) + Data("y", I(3), N(2)), [i, j])
            );

    /// <summary>
    /// A contraction of sums that is no larger than they are is a sum of contractions of their terms, where that spares
    /// work.
    /// </summary>
    public static Rule OfSums { get; } =
        new Rule("contract sums", contract.On(a, x))
            .Where("an operand is a sum", at => a.In(at).Operation is Add || x.In(at).Operation is Add)
            .Let(groups, at => a.In(at).Groups + x.In(at).Groups)
            .Where("the sum has terms of different axes", at => groups.In(at).Count > 2)
            .When(
                "each two terms are as long as the sums along each summed axis",
                at =>
                    a.In(at)
                        .Groups.ForAll(l =>
                            x.In(at).Groups.ForAll(r => Over(at).ForAll(s => IsWhole(s, l, r, a.In(at), x.In(at))))
                        ),
                refused: () => (Data("x", C(4), R(2)) + Data("y", C(1), N(3))).Contract(Data("u", C(1)), [Axis.Channel])
            )
            .Pays(
                "the result is smaller than an operand",
                at =>
                    a.In(at).Contract(x.In(at), Over(at)).Shape.Count
                    < Math.Max(a.In(at).Shape.Count, x.In(at).Shape.Count),
                refused: () =>
                    (Data("x", C(3), R(2)) + Data("y", C(3), K(3))).Contract(Data("u", C(3), I(4)), [Axis.Channel])
            )
            .Let(better, at => a.In(at).Groups.Bind(l => x.In(at).Groups.Map(r => l.Contract(r, Over(at)))).Sum())
            .Pays(
                "it spares work",
                at => better.In(at).Work(groups.In(at)) < a.In(at).Contract(x.In(at), Over(at)).Work(groups.In(at)),
                refused: () => (Data("x", C(2), R(1)) + Data("y", C(2), K(2))).Contract(Data("u", C(2)), [Axis.Channel])
            )
            .Becomes(better)
            .Example(() => (Data("x", C(4), R(2)) + Data("y", C(4), N(3))).Contract(Data("u", C(4)), [Axis.Channel]));

    /// <summary>Factors that share no summed axis with the other operand are summed by themselves.</summary>
    public static Rule OverProduct { get; } =
        new Rule("contract product", contract.On(factors.Seen("{0}", n => Some(n.Factors)), x))
            .Finds("a factor that no summed axis joins to x", apart, at => Apart(factors.In(at), x.In(at), Over(at)))
            .Where("a factor that one joins to it", at => factors.In(at).Count > apart.In(at).Count)
            .Becomes(at => SummedApart(apart.In(at), factors.In(at), x.In(at), Over(at)))
            .Example(() => (Data("a", I(2)) * Data("b", J(3))).Contract(Data("x", J(3), C(2)), [i, j]))
            .Example(() => (Data("a", I(2), R(2)) * Data("b", J(3), R(2))).Contract(Data("x", J(3)), [i, j]))
            .NotAt(() => (Data("a", I(2)) * Data("b", I(2), J(3))).Contract(Data("x", J(3), C(2)), [i, j]));

    private static Many<Axis> Over(Match at) => contract.In(at).Over;

    private static Option<Many<Node>> GroupsOf(Node node) =>
        node.Operation is Add && node.Groups is { Count: > 1 } groups ? Some(groups) : None;

    // Whether as many products are summed along an axis of two parts as of the wholes that they are of.
    private static bool IsWhole(Axis axis, Node left, Node right, Node wholeLeft, Node wholeRight) =>
        Math.Max(left.Shape[axis], right.Shape[axis]) == Math.Max(wholeLeft.Shape[axis], wholeRight.Shape[axis]);

    private static Node Contracted(Node weights, Node term, Many<Axis> over) =>
        over.Exists(term.Shape.Has) ? weights.Contract(term, over) : weights.Reduce(Reduction.Sum, over) * term;

    private static Node SummedApart(Many<Node> apart, Many<Node> factors, Node values, Many<Axis> over)
    {
        var own = over.Filter(s => apart.Exists(f => f.Shape.Has(s)));
        var rest = factors.Filter(f => !apart.Contains(f));
        return apart.Product().Reduce(Reduction.Sum, own)
            * rest.Product().Contract(values, over.Filter(s => !own.Contains(s)));
    }

    // Whether the weights can be summed along the axes that a term lacks without being multiplied out: by a factor of
    // their own, or as
    // whole distributions.
    private static bool SumsAlone(Node weights, Many<Axis> over, Node term)
    {
        var lacking = over.Filter(s => !term.Shape.Has(s));
        if (lacking.IsEmpty)
            return true;
        if (!over.Exists(term.Shape.Has))
            return weights.Factors.ForAll(f => f.Operation is Softmax);
        return Apart(weights.Factors, term, over)
            .Exists(apart => lacking.ForAll(s => apart.Exists(f => f.Shape.Has(s))));
    }

    // The factors that no chain of shared summed axes joins to a value.
    private static Option<Many<Node>> Apart(Many<Node> factors, Node values, Many<Axis> over)
    {
        var reached = over.Filter(values.Shape.Has);
        if (reached.IsEmpty)
            return None;
        while (true)
        {
            var more = factors.Filter(f => reached.Exists(f.Shape.Has)).Bind(f => over.Filter(f.Shape.Has)).Distinct();
            if (more.ForAll(reached.Contains))
                break;
            reached = (reached + more).Distinct();
        }
        var apart = factors.Filter(f => !reached.Exists(f.Shape.Has) && over.Exists(f.Shape.Has));
        return apart.IsEmpty ? None : Some(apart);
    }
}
