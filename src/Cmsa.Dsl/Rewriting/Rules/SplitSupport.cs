using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// Attention over the others and oneself, where the others differ in both of two ways, is a blend of attention over the
/// others and of oneself: each support is then a product of conditions on single axes, which factors. Where the scores
/// do not factor nothing would be won.
/// </summary>
public static class SplitSupport
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "split support",
            "attend(others + self) = g attend(others) + (1 - g) self where g = sigmoid(logsumexp(others) - score(self))",
            node =>
                node
                    is {
                        Operation: Contract(var over),
                        Operands: [{ Operation: Softmax(var axes), Operands: [var scores, var mask] }, var values]
                    }
                && over == axes
                && over.ForAll(a => a.IsPrimed)
                && scores is { Operation: Contract(var channels), Operands: [var near, var far] }
                && mask.Conditions is var conditions
                && conditions.Filter(c =>
                    c
                        is {
                            Operation: Logic(Connective.Same),
                            Operands: [{ Operation: NotEqual }, { Operation: NotEqual }]
                        }
                )
                    is [var same]
                && same.Operands.Bind(d => ((NotEqual)d.Operation).Of.Axes) is var differing
                && axes.ForAll(a => differing.Contains(a.Prime))
                && differing.Count == axes.Count
                && axes.ForAll(a =>
                    !far.Shape.Has(a.Prime)
                    && !values.Shape.Has(a.Prime)
                    && conditions.ForAll(c => c == same || !c.Shape.Has(a.Prime))
                )
                && FactorSoftmax.Rule.Apply(scores.Softmax(axes, same.Operands[0].And(same.Operands[1]))).IsSome
                    ? Some(
                        Blend(
                                near,
                                far,
                                values,
                                channels,
                                axes,
                                same.Operands + conditions.Filter(c => c != same),
                                conditions.Filter(c => c != same)
                            )
                            .As(node.Shape)
                    )
                    : None
        );

    private static Node Blend(
        Node near,
        Node far,
        Node values,
        Many<Axis> channels,
        Many<Axis> axes,
        Many<Node> others,
        Many<Node> present
    )
    {
        var scores = near.Contract(far, channels);
        var elsewhere = others.All();
        var here = present.All().Map(Back);
        var own = near.Contract(Back(far), channels).LogSumExp([], here);
        var among = scores.LogSumExp(axes, elsewhere);
        return (among - own).Map(Function.Sigmoid) * scores.Softmax(axes, elsewhere).Contract(values, axes)
            + here.Fold((own - among).Map(Function.Sigmoid), (share, mask) => share * mask.Any([])) * Back(values);

        Node Back(Node x) => x.Rename(axes.Filter(x.Shape.Has).Map(a => (a, a.Prime)));
    }
}
