using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Contractions of sums and of products fall apart into contractions of their parts.</summary>
public static class FactorContraction
{
    /// <summary>A contraction with a sum whose terms have different axes is a sum of contractions.</summary>
    public static Rule OverSum { get; } =
        new(
            "contract sum",
            "sum_j a_j (x_j + y) = sum_j a_j x_j + (sum_j a_j) y",
            node =>
                node is { Operation: Contract(var over), Operands: [var weights, var values] }
                && values.Operation is Add
                && values.Groups is { Count: > 1 } groups
                && groups.Exists(g => over.Exists(a => !g.Shape.Has(a)))
                && groups.ForAll(g =>
                    over.ForAll(a => Lasts(a, weights, values) is var n && (g.Shape[a] == n || weights.Shape[a] == n))
                    && SumsAlone(weights, over, over.Filter(a => !g.Shape.Has(a)), g)
                )
                    ? Some(
                        groups
                            .Map(g =>
                                over.Exists(g.Shape.Has)
                                    ? weights.Contract(g, over)
                                    : weights.Reduce(Reduction.Sum, over) * g
                            )
                            .Sum()
                            .As(node.Shape)
                    )
                    : None
        );

    /// <summary>
    /// A contraction of sums that is no larger than they are is a sum of contractions of their terms, where that spares
    /// work.
    /// </summary>
    public static Rule OfSums { get; } =
        new(
            "contract sums",
            "(x + y) . (u + v) = x . u + x . v + y . u + y . v",
            node =>
                node is { Operation: Contract(var over), Operands: [var left, var right] }
                && (left.Operation is Add || right.Operation is Add)
                && node.Shape.Count < Math.Max(left.Shape.Count, right.Shape.Count)
                && left.Groups + right.Groups is var groups
                && groups.Count > 2
                && groups.ForAll(g => over.ForAll(a => g.Shape.Has(a) && g.Shape[a] == Lasts(a, left, right)))
                && left.Groups.Bind(l => right.Groups.Map(r => l.Contract(r, over))).Sum() is var better
                && better.Work(groups) < node.Work(groups)
                    ? Some(better.As(node.Shape))
                    : None
        );

    /// <summary>Factors that share no summed axis with the other operand are summed by themselves.</summary>
    public static Rule OverProduct { get; } =
        new(
            "contract product",
            "sum_ij a_i b_j x_j = (sum_i a_i) (sum_j b_j x_j)",
            node =>
                node is { Operation: Contract(var over), Operands: [var weights, var values] }
                && Apart(weights.Factors, values, over) is { IsEmpty: false } apart
                && weights.Factors.Filter(f => !apart.Contains(f)) is { IsEmpty: false } rest
                && over.Filter(a => apart.Exists(f => f.Shape.Has(a))) is { IsEmpty: false } own
                    ? Some(
                        (
                            apart.Product().Reduce(Reduction.Sum, own)
                            * rest.Product().Contract(values, over.Filter(a => !own.Contains(a)))
                        ).As(node.Shape)
                    )
                    : None
        );

    // How many products are summed along an axis.
    private static int Lasts(Axis axis, Node left, Node right) => Math.Max(left.Shape[axis], right.Shape[axis]);

    /// <summary>
    /// Whether the weights can be summed along the axes that a term lacks without being multiplied out: by a factor of
    /// their own, or as whole distributions.
    /// </summary>
    private static bool SumsAlone(Node weights, Many<Axis> over, Many<Axis> lacking, Node term) =>
        lacking.IsEmpty
        || (
            over.Exists(term.Shape.Has)
                ? Apart(weights.Factors, term, over) is var apart
                    && lacking.ForAll(a => apart.Exists(f => f.Shape.Has(a)))
                : weights.Factors.ForAll(f => f.Operation is Softmax)
        );

    /// <summary>The factors that no chain of shared summed axes joins to a value.</summary>
    private static Many<Node> Apart(Many<Node> factors, Node values, Many<Axis> over)
    {
        var reached = over.Filter(values.Shape.Has);
        while (
            factors.Filter(f => reached.Exists(f.Shape.Has)).Bind(f => over.Filter(f.Shape.Has)).Distinct() is var more
            && more.Exists(a => !reached.Contains(a))
        )
            reached = (reached + more).Distinct();
        return reached.IsEmpty ? [] : factors.Filter(f => !reached.Exists(f.Shape.Has) && over.Exists(f.Shape.Has));
    }
}
