using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A distribution whose logits are a sum of terms over different axes is a product of distributions; terms that are the
/// same everywhere drop out. With the scores of an attention, q . k of sums, it is what makes attention over pairs of
/// places and words two attentions.
/// </summary>
public static class FactorSoftmax
{
    /// <summary>Of a distribution.</summary>
    public static Rule Rule { get; } =
        new(
            "factor softmax",
            "softmax_ij(x_i + y_j + c) = softmax_i(x_i) softmax_j(y_j)",
            node =>
                node is { Operation: Softmax(var axes), Operands: [var logits, .. var masks] }
                && Parts.Of(logits, axes, masks).Case is Parts parts
                    ? Some(parts.Groups.Map(g => g.Terms.Softmax(g.Axes, g.Mask)).Product().As(node.Shape))
                    : None
        );

    /// <summary>Of the logarithm of its denominator.</summary>
    public static Rule Denominator { get; } =
        new(
            "factor log-sum-exp",
            "log sum_ij e^(x_i + y_j + c) = log sum_i e^x_i + log sum_j e^y_j + c",
            node =>
                node is { Operation: LogSumExp(var axes), Operands: [var logits, .. var masks] }
                && Parts.Of(logits, axes, masks).Case is Parts parts
                    ? Some(
                        (parts.Groups.Map(g => g.Terms.LogSumExp(g.Axes, g.Mask)) + parts.Apart).Sum().As(node.Shape)
                    )
                    : None
        );

    /// <summary>Terms of the logits that share axes, and the mask over these axes.</summary>
    private sealed record Group(Many<Axis> Axes, Node Terms, Option<Node> Mask);

    /// <summary>
    /// The logits in groups that no term and no mask joins, and the terms that have none of the axes.
    /// </summary>
    private sealed record Parts(Many<Group> Groups, Many<Node> Apart)
    {
        public static Option<Parts> Of(Node logits, Many<Axis> axes, Many<Node> masks)
        {
            var terms = TermsOf(logits);
            var relevant = terms.Filter(t => axes.Exists(t.Shape.Has));
            var conditions = masks.Bind(m => m.Conditions);
            var components = (relevant + conditions).Fold(axes.Map(a => (Many<Axis>)[a]), Join);
            return
                terms.Count > 1
                && (components.Count > 1 || relevant.Count < terms.Count)
                && components.ForAll(c => relevant.Exists(t => c.Exists(t.Shape.Has)))
                ? Some(
                    new Parts(
                        components.Map(c => new Group(
                            c,
                            relevant.Filter(t => c.Exists(t.Shape.Has)).Sum().Groups.Sum(),
                            conditions
                                .Filter(m =>
                                    c.Exists(m.Shape.Has) || (c == components.Head && !axes.Exists(m.Shape.Has))
                                )
                                .All()
                        )),
                        terms.Filter(t => !axes.Exists(t.Shape.Has))
                    )
                )
                : None;
        }

        /// <summary>
        /// The terms of the logits; those of a contraction of two sums are all contractions of one term with another.
        /// </summary>
        private static Many<Node> TermsOf(Node logits) =>
            logits.Addends.Bind(term =>
                term is { Operation: Contract(var over), Operands: [var left, var right] }
                && over.ForAll(a => Everywhere(left, a, right) && Everywhere(right, a, left))
                    ? left.Groups.Bind(l => right.Groups.Map(r => l.Contract(r, over)))
                    : [term]
            );

        private static bool Everywhere(Node sum, Axis axis, Node other) =>
            sum.Groups.ForAll(g => g.Shape.Has(axis) && g.Shape[axis] == Math.Max(sum.Shape[axis], other.Shape[axis]));

        private static Many<Many<Axis>> Join(Many<Many<Axis>> components, Node term) =>
            components.Filter(c => c.Exists(term.Shape.Has)) is { Count: > 1 } joined
                ? [.. components.Filter(c => !joined.Contains(c)), joined.Bind(c => c)]
                : components;
    }
}
