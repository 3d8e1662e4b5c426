using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A distribution whose logits are a sum of terms over different axes is a product of distributions; terms that are the
/// same everywhere drop out. With the scores of an attention, q . k of sums, it is what makes attention over pairs of
/// places and words two attentions.
/// </summary>
public static class FactorSoftmax
{
    private static readonly Variable<Softmax> softmax = new("softmax");
    private static readonly Variable<LogSumExp> logSumExp = new("logsumexp");
    private static readonly Variable<Many<Node>> terms = new("x"),
        masks = new("mask");
    private static readonly Variable<Parts> parts = new("groups");
    private static readonly Many<Axis> over = [Axis.Row.Prime, Axis.Word.Prime];

    /// <summary>Of a distribution.</summary>
    public static Rule Rule { get; } =
        Factored(
                new Rule("factor softmax", softmax.On([terms.Seen("sum {0}", TermsOf)], masks)),
                at => softmax.In(at).Axes,
                (x, axes, mask) => x.Softmax(axes, mask)
            )
            .Becomes(at => parts.In(at).Groups.Map(g => g.Terms.Softmax(g.Axes, g.Mask)).Product())
            .Example(() => (Data("x", I(2)) + Data("y", J(3)) + Data("c", K(2))).Softmax(over, Some(Mask("m", J(3)))))
            .Example(() =>
                (Data("x", I(2)) + Data("y", J(3), K(2))).Softmax(over, Some(Mask("m", J(3)).And(Mask("n", N(2)))))
            )
            .Example(() =>
                (Data("q", C(2), K(2)) + Own("p", C(2)))
                    .Contract(Data("k", C(2), I(2)) + Data("l", C(2), J(3)), [Axis.Channel])
                    .Softmax(over)
            )
            .NotAt(() =>
                (Data("q", C(2), K(2)) + Data("p", C(1), N(2)))
                    .Contract(Data("k", C(2), I(2)) + Data("l", C(1), J(3)), [Axis.Channel])
                    .Softmax(over)
            );

    /// <summary>Of the logarithm of its denominator.</summary>
    public static Rule Denominator { get; } =
        Factored(
                new Rule("factor log-sum-exp", logSumExp.On([terms.Seen("sum {0}", TermsOf)], masks)),
                at => logSumExp.In(at).Axes,
                (x, axes, mask) => x.LogSumExp(axes, mask)
            )
            .Becomes(at => (parts.In(at).Groups.Map(g => g.Terms.LogSumExp(g.Axes, g.Mask)) + parts.In(at).Apart).Sum())
            .Example(() => (Data("x", I(2)) + Data("y", J(3)) + Data("c", K(2))).LogSumExp(over))
            .Example(() => (Data("x", I(2)) + Data("y", J(3))).LogSumExp(over, Some(Mask("m", J(3)))));

    /// <summary>Whether a distribution along some axes of these logits falls apart.</summary>
    internal static bool Applies(Node logits, Many<Axis> axes, Node mask) =>
        Rule.Apply(logits.Softmax(axes, mask)).IsSome;

    private static Rule Factored(
        Rule looks,
        Func<Match, Many<Axis>> axes,
        Func<Node, Many<Axis>, Option<Node>, Node> of
    ) =>
        looks
            .Let(parts, at => Parts.Of(terms.In(at), axes(at), masks.In(at)))
            .When(
                "each group of axes has a term",
                at => !parts.In(at).Groups.IsEmpty && parts.In(at).Groups.ForAll(g => !g.Relevant.IsEmpty),
                refused: () => of(Data("x", I(2)) + Data("c", K(2)), over, Some(Mask("m", J(3))))
            )
            .Pays(
                "it falls apart",
                at => parts.In(at).Groups.Count > 1 || !parts.In(at).Apart.IsEmpty,
                refused: () => of(Data("x", I(2)) + Data("y", I(2), J(3)), over, None)
            );

    /// <summary>Terms of the logits that share axes, and the mask over these axes.</summary>
    private sealed record Group(Many<Axis> Axes, Many<Node> Relevant, Option<Node> Mask)
    {
        public Node Terms => Relevant.Sum().Groups.Sum();
    }

    /// <summary>
    /// The logits in groups that no term and no mask joins, and the terms that have none of the axes.
    /// </summary>
    private sealed record Parts(Many<Group> Groups, Many<Node> Apart)
    {
        public static Parts Of(Many<Node> terms, Many<Axis> axes, Many<Node> masks)
        {
            bool Varies(Node node) => axes.Exists(node.Shape.Has);
            var relevant = terms.Filter(Varies);
            var conditions = masks.Bind(m => m.Conditions);
            var components = (relevant + conditions).Fold(axes.Map(a => (Many<Axis>)[a]), Join);
            // A mask along none of the axes belongs to the first group.
            var groups = components.Map(c => new Group(
                c,
                relevant.Filter(t => c.Exists(t.Shape.Has)),
                conditions.Filter(m => c.Exists(m.Shape.Has) || (c == components.Head && !Varies(m))).All()
            ));
            return new(groups, terms.Filter(t => !Varies(t)));
        }

        private static Many<Many<Axis>> Join(Many<Many<Axis>> components, Node term)
        {
            var joined = components.Filter(c => c.Exists(term.Shape.Has));
            return joined.Count < 2
                ? components
                : [.. components.Filter(c => !joined.Contains(c)), joined.Bind(c => c)];
        }
    }

    /// <summary>
    /// The terms of the logits, two at least; those of a contraction of two sums are all contractions of one term with
    /// another.
    /// </summary>
    private static Option<Many<Node>> TermsOf(Node logits)
    {
        var terms = logits.Addends.Bind(term =>
            term switch
            {
                { Operation: Contract(var along), Operands: [var left, var right] }
                    when along.ForAll(a => IsWhole(left, a, right) && IsWhole(right, a, left)) => left.Groups.Bind(l =>
                    right.Groups.Map(r => l.Contract(r, along))
                ),
                _ => [term],
            }
        );
        return terms.Count > 1 ? Some(terms) : None;
    }

    // Whether each term of a sum has an axis, as long as it is in the contraction.
    private static bool IsWhole(Node sum, Axis axis, Node other)
    {
        var length = Math.Max(sum.Shape[axis], other.Shape[axis]);
        return sum.Groups.ForAll(g => g.Shape.Has(axis) && g.Shape[axis] == length);
    }
}
