using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// Distributions that share most of their logits are averaged, and their denominators found, from the factors of their
/// exponentials; none is held by itself.
/// </summary>
public static class MeanOfSoftmax
{
    /// <summary>The mean, each distribution perhaps with a factor of its own.</summary>
    public static Rule Rule { get; } =
        new(
            "mean of softmax",
            "mean_n g_in softmax_j(x_ij + y_nj) = e^x_ij sum_n e^y_nj g_in / (N sum_j e^x_ij e^y_nj)",
            node =>
                node is { Operation: Reduce(Reduction.Mean, var averaged), Operands: [var of, .. var present] }
                && present.ForAll(p => p.Shape.Axes.ForAll(a => a == Axis.Batch || averaged.Contains(a)))
                && of.Factors.Filter(f => f.Operation is Softmax) is [{ Operation: Softmax(var axes) } softmax]
                && of.Factors.Filter(f => f != softmax) is var factors
                && !factors.Exists(f => axes.Exists(f.Shape.Has))
                && Shared(softmax, averaged).Case is (Node x, Node y)
                && factors.ForAll(f => f.Shape.Axes.ForAll(a => averaged.Contains(a) || x.Shape.Has(a)))
                && y.Shape.Axes.ForAll(a =>
                    a == Axis.Batch || axes.Contains(a) || averaged.Contains(a) || x.Shape.Has(a)
                )
                && (x.Shape.Has(Axis.Batch) || y.Shape.Has(Axis.Batch) || !present.Exists(p => p.Shape.Has(Axis.Batch)))
                    ? Some(
                        new Node(
                            new AverageSoftmax(
                                axes,
                                averaged,
                                !factors.IsEmpty,
                                !present.IsEmpty,
                                softmax.Operands.Count > 1
                            ),
                            [
                                x,
                                y,
                                .. factors.IsEmpty ? [] : (Many<Node>)[factors.Product()],
                                .. present,
                                .. softmax.Operands.Tail,
                            ]
                        ).As(node.Shape)
                    )
                    : None
        );

    /// <summary>The denominators' logarithms.</summary>
    public static Rule Denominator { get; } =
        new(
            "log-sum-exp of sum",
            "log sum_j e^(x_ij + y_nj) = log sum_j e^x_ij e^y_nj",
            node =>
                node is { Operation: LogSumExp(var axes), Operands: [var logits, .. var masks] }
                && !axes.IsEmpty
                && logits
                    .Groups.Map(g =>
                        g.Shape.Axes.Filter(a => !axes.Contains(a) && logits.Groups.Exists(o => !o.Shape.Has(a)))
                    )
                    .Filter(a => !a.IsEmpty)
                    is [.., var averaged]
                && Shared(logits.Softmax(axes, masks.IsEmpty ? None : Some(masks[0])), averaged).Case
                    is (Node x, Node y)
                    ? Some(new Node(new FactoredLogSumExp(axes, !masks.IsEmpty), [x, y, .. masks]).As(node.Shape))
                    : None
        );

    /// <summary>
    /// The logits as the sum of a term that lacks some axes and one that lacks others; a mask may belong to either.
    /// </summary>
    private static Option<(Node X, Node Y)> Shared(Node softmax, Many<Axis> averaged) =>
        softmax is { Operation: Softmax(var axes), Operands: [var logits, .. var masks] }
        && logits.Groups.Filter(g => averaged.ForAll(a => !g.Shape.Has(a))) is { IsEmpty: false } shared
        && logits.Groups.Filter(g => averaged.Exists(g.Shape.Has)) is { IsEmpty: false } own
        && shared.Sum() is var x
        && own.Sum() is var y
        && averaged.ForAll(y.Shape.Has)
        && x.Shape.Agrees(softmax.Shape, axes)
        && y.Shape.Agrees(softmax.Shape, axes)
        && x.Shape.Axes.Exists(a => !y.Shape.Has(a))
        && masks.ForAll(m =>
            m.Shape.Axes.Filter(a => a != Axis.Batch && !axes.Contains(a)) is var others
            && (others.ForAll(a => averaged.Contains(a)) || others.ForAll(a => x.Shape.Has(a) && !y.Shape.Has(a)))
        )
            ? Some((x, y))
            : None;
}
