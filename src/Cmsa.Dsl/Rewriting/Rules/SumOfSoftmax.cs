using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Distributions sum to one.</summary>
public static class SumOfSoftmax
{
    /// <summary>The rule; a distribution in which nothing takes part sums to 0, which is asked for where it is not certain that something does.</summary>
    public static Rule Rule { get; } = new(
        "sum of softmax",
        "sum_i softmax_i(x) = 1",
        value => value is { Operation: Reduce(Reduction.Sum, var axes), Operands: [var product] }
                && product.Factors is var factors && factors.ForAll(f => f.Operation is Softmax)
                && factors.Bind(f => ((Softmax)f.Operation).Axes) is var summed && summed.Count == axes.Count && axes.ForAll(a => summed.Contains(a))
                && factors.ForAll(f => axes.ForAll(a => !f.Shape.Has(a) || ((Softmax)f.Operation).Axes.Contains(a)))
            ? Some(factors.Bind(Sum).Fold(Value.Constant(1), (sums, sum) => sums * sum).As(value.Shape))
            : None);

    private static Many<Value> Sum(Value softmax) =>
        softmax is { Operation: Softmax(var axes), Operands: [_, var mask] } && !mask.IsCertain(axes) ? [mask.Any(axes)] : [];

    /// <summary>One is neutral.</summary>
    public static Rule TimesOne { get; } = new(
        "times one",
        "1 x = x",
        value => value is { Operation: Multiply, Operands: [var left, var right] }
            ? IsOne(left) ? Some(right.As(value.Shape)) : IsOne(right) ? Some(left.As(value.Shape)) : None
            : None);

    private static bool IsOne(Value value) => value.Operation is Constant(1) || value is { Operation: Repeat, Operands: [{ Operation: Constant(1) }] };
}
