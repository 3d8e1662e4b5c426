using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Distributions sum to one.</summary>
public static class SumOfSoftmax
{
    private static readonly Variable<Node> x = new("x"),
        one = new("1");
    private static readonly Variable<Many<Node>> factors = new("softmax");
    private static readonly Variable<Reduce> sum = new("sum");

    /// <summary>
    /// The rule. A distribution in which nothing takes part sums to 0: where that can happen, it is computed whether
    /// something does.
    /// </summary>
    public static Rule Rule { get; } =
        new Rule("sum of softmax", sum.On(s => s.Reduction == Reduction.Sum, factors.Seen("{0}s", Distributions)))
            .When(
                "the distributions are along all of the summed axes and no others",
                at =>
                    sum.In(at).Axes is var summed
                    && Along(at) is var along
                    && along.Count == summed.Count
                    && summed.ForAll(along.Contains),
                refused: () => Data("x", I(2), J(3)).Softmax([Axis.Row.Prime, Axis.Word.Prime]).SumOver(Axis.Row.Prime)
            )
            .When(
                "no distribution varies along the axes of another",
                at => factors.In(at).ForAll(f => sum.In(at).Axes.ForAll(a => !f.Shape.Has(a) || AxesOf(f).Contains(a))),
                refused: () =>
                    (
                        Data("x", I(2), J(3)).Softmax([Axis.Row.Prime])
                        * Data("y", I(2), J(3)).Softmax([Axis.Word.Prime])
                    ).SumOver(Axis.Row.Prime, Axis.Word.Prime)
            )
            .Becomes(at => factors.In(at).Bind(Sum).Fold(Node.Constant(1), (sums, any) => sums * any))
            .Example(() => Data("x", I(2)).Softmax([Axis.Row.Prime]).SumOver(Axis.Row.Prime))
            .Example(() =>
                (
                    Data("x", I(2), N(3)).Softmax([Axis.Row.Prime], Some(Mask("m", I(2))))
                    * Data("y", J(3)).Softmax([Axis.Word.Prime])
                ).SumOver(Axis.Row.Prime, Axis.Word.Prime)
            );

    /// <summary>One is neutral.</summary>
    public static Rule TimesOne { get; } =
        new Rule("times one", one.Seen("{0}", n => IsOne(n) ? Some(n) : None) * x)
            .Becomes(x)
            .Example(() => 1 * Data("x", C(3)))
            .Example(() => Data("x", C(3)) * Node.Constant(1).As(new(R(2))));

    private static Option<Many<Node>> Distributions(Node product) =>
        product.Factors is var factors && factors.ForAll(f => f.Operation is Softmax) ? Some(factors) : None;

    private static Many<Axis> Along(Match at) => factors.In(at).Bind(AxesOf);

    private static Many<Axis> AxesOf(Node softmax) => ((Softmax)softmax.Operation).Axes;

    private static Many<Node> Sum(Node softmax) =>
        softmax is { Operation: Softmax(var axes), Operands: [_, var mask] } && !mask.IsCertain(axes)
            ? [mask.Any(axes)]
            : [];

    private static bool IsOne(Node node) =>
        node.Operation is Constant(1) || node is { Operation: Repeat, Operands: [{ Operation: Constant(1) }] };
}
