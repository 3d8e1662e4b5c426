using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Distributions sum to one.</summary>
public static class SumOfSoftmax
{
    /// <summary>
    /// The rule; a distribution in which nothing takes part sums to 0, which is asked for where it is not certain that
    /// something does.
    /// </summary>
    public static Rule Rule { get; } =
        new(
            "sum of softmax",
            "sum_i softmax_i(x) = 1",
            node =>
                node is { Operation: Reduce(Reduction.Sum, var axes), Operands: [var product] }
                && product.Factors is var factors
                && factors.ForAll(f => f.Operation is Softmax)
                && factors.Bind(f => ((Softmax)f.Operation).Axes) is var summed
                && summed.Count == axes.Count
                && axes.ForAll(a => summed.Contains(a))
                && factors.ForAll(f => axes.ForAll(a => !f.Shape.Has(a) || ((Softmax)f.Operation).Axes.Contains(a)))
                    ? Some(factors.Bind(Sum).Fold(Node.Constant(1), (sums, sum) => sums * sum).As(node.Shape))
                    : None
        );

    private static Many<Node> Sum(Node softmax) =>
        softmax is { Operation: Softmax(var axes), Operands: [_, var mask] } && !mask.IsCertain(axes)
            ? [mask.Any(axes)]
            : [];

    /// <summary>One is neutral.</summary>
    public static Rule TimesOne { get; } =
        new(
            "times one",
            "1 x = x",
            node =>
                node is { Operation: Multiply, Operands: [var left, var right] }
                    ? IsOne(left)
                        ? Some(right.As(node.Shape))
                        : IsOne(right)
                            ? Some(left.As(node.Shape))
                            : None
                    : None
        );

    private static bool IsOne(Node node) =>
        node.Operation is Constant(1) || node is { Operation: Repeat, Operands: [{ Operation: Constant(1) }] };
}
