using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// Distributions that share most of their logits are averaged, and their denominators found, from the factors of their
/// exponentials; none is held by itself.
/// </summary>
public static class MeanOfSoftmax
{
    private static readonly Variable<Reduce> mean = new("mean");
    private static readonly Variable<LogSumExp> logSumExp = new("logsumexp");
    private static readonly Variable<Node> logits = new("x + y");
    private static readonly Variable<Many<Node>> counted = new("mask"),
        masks = new("mask");
    private static readonly Variable<(Node Softmax, Many<Node> Factors)> weighted = new("g softmax");
    private static readonly Variable<(Node X, Node Y)> terms = new("x + y");
    private static readonly Axis i = Axis.Row.Prime;

    /// <summary>The mean, each distribution perhaps with a factor of its own.</summary>
    public static Rule Rule { get; } =
        OfTwoTerms(
                new Rule(
                    "mean of softmax",
                    mean.On(r => r.Reduction == Reduction.Mean, [weighted.Seen("{0}", Weighted)], counted)
                ).Finds(
                    "logits that are a sum of a term with the averaged axes and one without",
                    terms,
                    at => Shared(weighted.In(at).Softmax.Operands[0], mean.In(at).Axes)
                ),
                () =>
                    (Data("x", R(2), K(2), I(3)) + (Data("y", N(3), R(2), I(3)) + Data("z", N(3), K(2), I(3))))
                        .Softmax([i])
                        .Mean(Axis.Word)
            )
            .Becomes(at =>
                Averaged(
                    mean.In(at).Axes,
                    weighted.In(at).Softmax,
                    weighted.In(at).Factors,
                    terms.In(at),
                    counted.In(at)
                )
            )
            .Example(() => (Data("x", R(2), I(3)) + Data("y", N(3), I(3))).Softmax([i]).Mean(Axis.Word))
            .Example(() =>
                (
                    Data("g", R(2), N(3))
                    * (Data("x", R(2), I(3)) + Own("y", N(3), I(3))).Softmax([i], Some(Mask("m", I(3))))
                ).Reduce(Reduction.Mean, [Axis.Word], Some(Mask("n", N(3))))
            );

    /// <summary>The denominators' logarithms.</summary>
    public static Rule Denominator { get; } =
        OfTwoTerms(
                new Rule("log-sum-exp of sum", logSumExp.On([logits], masks)).Finds(
                    "logits that are a sum of terms of different axes",
                    terms,
                    at => ByOwnAxes(logits.In(at), logSumExp.In(at).Axes)
                ),
                () =>
                    (
                        Data("x", R(2), C(2), I(1))
                        + Data("y", N(3), R(2), I(1))
                        + Data("z", K(2), C(2), I(1))
                        + Data("w", N(3), K(2), I(1))
                    ).LogSumExp([i])
            )
            .Becomes(at =>
                new(
                    new FactoredLogSumExp(logSumExp.In(at).Axes, !masks.In(at).IsEmpty),
                    [terms.In(at).X, terms.In(at).Y, .. masks.In(at)]
                )
            )
            .Example(() => (Data("x", R(2), I(3)) + Data("y", N(3), I(3))).LogSumExp([i]))
            .Example(() => (Data("x", R(2), I(3)) + Own("y", N(3), I(3))).LogSumExp([i], Some(Mask("m", R(2), I(3)))));

    private static Rule OfTwoTerms(Rule rule, Func<Node> refused) =>
        rule.Pays(
            "the term without them has axes of its own",
            at => terms.In(at).X.Shape.Axes.Exists(a => !terms.In(at).Y.Shape.Has(a)),
            refused
        );

    // A product of one distribution and factors.
    private static Option<(Node, Many<Node>)> Weighted(Node product)
    {
        var factors = product.Factors;
        return factors.Filter(f => f.Operation is Softmax) is [var softmax]
            ? Some((softmax, factors.Filter(f => f != softmax)))
            : None;
    }

    private static Node Averaged(
        Many<Axis> averaged,
        Node softmax,
        Many<Node> factors,
        (Node X, Node Y) terms,
        Many<Node> counted
    )
    {
        var axes = ((Softmax)softmax.Operation).Axes;
        var masks = softmax.Operands.Tail;
        Many<Node> weights = factors.IsEmpty ? [] : [factors.Product()];
        return new(
            new AverageSoftmax(axes, averaged, !factors.IsEmpty, !counted.IsEmpty, !masks.IsEmpty),
            [terms.X, terms.Y, .. weights, .. counted, .. masks]
        );
    }

    // Logits along some axes as the sum of terms that lack others and of terms that have them.
    private static Option<(Node X, Node Y)> Shared(Node logits, Many<Axis> averaged)
    {
        var shared = logits.Groups.Filter(g => !averaged.Exists(g.Shape.Has));
        var own = logits.Groups.Filter(g => averaged.Exists(g.Shape.Has));
        return shared.IsEmpty || own.IsEmpty ? None : Some((shared.Sum(), own.Sum()));
    }

    // The same where the axes that some terms lack are still to be found.
    private static Option<(Node X, Node Y)> ByOwnAxes(Node logits, Many<Axis> axes)
    {
        var groups = logits.Groups;
        var lacked = groups
            .Map(g => g.Shape.Axes.Filter(a => !axes.Contains(a) && groups.Exists(o => !o.Shape.Has(a))))
            .Filter(a => !a.IsEmpty);
        return lacked.IsEmpty ? None : Shared(logits, lacked[^1]);
    }
}
