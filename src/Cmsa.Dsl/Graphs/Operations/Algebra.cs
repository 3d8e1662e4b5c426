using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// The channels mapped by a weight: <c>y_o = sum_i w_oi x_i</c>. Operands: x, a weight <c>[out, in]</c> that all
/// samples share, and a bias <c>[channel]</c> where one was fused in.
/// </summary>
public sealed record Linear : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Channel];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => operand < 2;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (x, weight) = (operands[0], operands[1]);
        var (from, to) = (weight[Axis.In], weight[Axis.Out]);
        return x.With(Axis.Channel, to)
            .With(
                Requirements.LinearWeight(weight),
                Requirements.Holds(
                    x.SizeOf(Axis.Channel) == from,
                    $"a map of {from} channels on {x}",
                    $"{from} channels",
                    "give the map a weight as wide as what it maps"
                ),
                Requirements.Bias(operands, to)
            );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => result.Count * operands[1][Axis.In];
}

/// <summary>
/// The sum of products of two values along some axes (Einstein's convention with named axes). Axes of both that are not
/// summed over are matched.
/// </summary>
public sealed record Contract(Many<Axis> Over) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => Over;

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var whole = operands[0].Union(operands[1]);
        return whole
            .Without(Over)
            .With(
                operands[0]
                    .Clashes(operands[1])
                    .Take(1)
                    .Map(a =>
                        Error.Misfit(
                            $"{operands[0]} times {operands[1]}",
                            $"the same {a} count",
                            "make the widths agree"
                        )
                    ),
                Requirements.Has("a product", whole, Over),
                Requirements.OfOneSample(Over)
            );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => operands[0].Union(operands[1]).Count;

    /// <inheritdoc/>
    public override long Scratch(Node at) => at.Operands.Sum(o => IsMatrix(o.Shape, at.Shape) ? 0 : o.Shape.Count);

    // A product of matrices takes an operand as it lies in memory where the axes that are summed over are next to each
    // other, and so are
    // those that are its own.
    private bool IsMatrix(Shape operand, Shape result)
    {
        var roles = operand.Axes.Filter(a => a != Axis.Batch).Map(a => Over.Contains(a));
        return roles.Zip(roles.Skip(1).ToMany(), (a, b) => a != b).Count(changes => changes) < 2;
    }
}

/// <summary>How many elements become one.</summary>
public enum Reduction
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The greatest of them.</summary>
    Max,
}

/// <summary>
/// Some axes reduced to one element, 0 where none counts. Operands: x, and where some elements do not count, a boolean
/// that is true for those that do; an axis that one of them lacks is repeated.
/// </summary>
public sealed record Reduce(Reduction Reduction, Many<Axis> Axes) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => Axes;

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => operand == 0 && Reduction != Reduction.Max;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var whole = operands.Whole;
        return whole
            .Without(Axes)
            .With(
                Requirements.Align("a value and a mask", operands),
                Requirements.Has("a value", whole, Axes),
                Requirements.OfOneSample(Axes)
            );
    }

    /// <inheritdoc/>
    public override long Scratch(Node at) => at.Operands.Count > 1 ? at.Operands.Map(o => o.Shape).Whole.Count : 0;
}

/// <summary>
/// A distribution along some axes, one at least; 0 where no element takes part. Operands: x, and where some elements
/// take no part, a boolean that is true for those that do; an axis that one of them lacks is repeated.
/// </summary>
public sealed record Softmax(Many<Axis> Axes) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => Axes;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var whole = operands.Whole;
        return whole.With(
            Requirements.Align("logits and a mask", operands),
            Requirements.Has("logits", whole, Axes),
            Requirements.OfOneSample(Axes),
            Requirements.Holds(
                !Axes.IsEmpty,
                "a distribution along no axis",
                "an axis at least",
                "name the axes that it is along"
            )
        );
    }

    /// <inheritdoc/>
    public override long Scratch(Node at) =>
        at.Operands.Count > 1 ? 2 * at.Shape.Count + at.Operands[1].Shape.Count / 2 : 0;
}

/// <summary>
/// Attention computed without its matrix of weights: contract(softmax(contract(q, k)), v). Operands: the values v' and
/// keys k' on the far side (primed axes), the queries q on the near side, and where some places take no part, booleans
/// over both sides.
/// </summary>
/// <param name="Over">The far-side axes that are summed over.</param>
public sealed record FusedAttention(Many<Axis> Over) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (values, keys, queries) = (operands[0], operands[1], operands[2]);
        Many<Axis> channel = [Axis.Channel];
        var places = keys.Axes.Filter(a => a != Axis.Channel);
        return queries
            .Union(values.Without(Over).Without(Axis.Channel))
            .With(Axis.Channel, values[Axis.Channel])
            .With(
                Requirements.Has("keys", keys, channel + Over),
                Requirements.Has("queries", queries, channel),
                Requirements.Lacks("queries", queries, Over),
                Requirements.Within("keys", keys, queries.Axes + Over),
                Requirements.Exactly("values", values, keys.Axes),
                Requirements.Agree("keys and values", keys, values, places),
                Requirements.Agree("keys and queries", keys, queries, keys.Axes.Filter(a => !Over.Contains(a))),
                operands.Count < 4
                    ? []
                    : Requirements.Within("a mask", operands[3], (queries.Axes + Over).Filter(a => a != Axis.Channel)),
                operands.Count < 4 ? [] : Requirements.NoLonger(operands[3], queries.Union(keys))
            );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) =>
        operands[2].Without(Axis.Channel).Union(operands[1].Without(Axis.Channel)).Count
        * (operands[0][Axis.Channel] + operands[1][Axis.Channel]);

    /// <inheritdoc/>
    public override long Scratch(Node at) => at.Operands.Take(3).Sum(o => o.Shape.Count) + at.Operands[1].Shape.Count;
}

/// <summary>
/// log sum e^x along some axes; along none, x itself. Operands: x, and where some elements take no part, a boolean that
/// is true for those that do. Where none does, a number so low that its exponential is 0.
/// </summary>
public sealed record LogSumExp(Many<Axis> Axes) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => Axes;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var whole = operands.Whole;
        return whole
            .Without(Axes)
            .With(
                Requirements.Align("logits and a mask", operands),
                Requirements.Has("logits", whole, Axes),
                Requirements.OfOneSample(Axes)
            );
    }

    /// <inheritdoc/>
    public override long Scratch(Node at) =>
        at.Operands.Map(o => o.Shape).Whole.Count * (at.Operands.Count > 1 ? 3 : 1);
}

/// <summary>
/// <c>log sum_j e^(x_ij + y_nj)</c> as a matrix product of exponentials, without holding a logit for each i, n and j.
/// Operands: x, y, and where some j take no part, a boolean.
/// </summary>
/// <param name="Axes">The axes j.</param>
/// <param name="Masked">Whether a boolean says which j take part.</param>
public sealed record FactoredLogSumExp(Many<Axis> Axes, bool Masked) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (x, y) = (operands[0], operands[1]);
        return x.Union(y).Without(Axes).With(TwoTerms.Errors(x, y, Axes, Masked ? operands[2] : null));
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => operands[0].Union(operands[1]).Count;

    /// <inheritdoc/>
    public override long Scratch(Node at) => at.Operands.Take(2).Sum(o => o.Shape.Count) + 2 * at.Shape.Count;
}

/// <summary>
/// The mean over some axes of distributions that share most of their logits: <c>mean_n g_in softmax_j(x_ij + y_nj)</c>,
/// without ever holding one for each n. Operands: x, which lacks the axes averaged over; y; then, as the parameters
/// say, the factors g, a boolean over n for those that count and one over j for those that take part.
/// </summary>
/// <param name="Axes">The axes j of the distributions.</param>
/// <param name="Averaged">The axes n averaged over.</param>
/// <param name="Weighted">Whether there are factors g.</param>
/// <param name="Counted">Whether a boolean says which n count.</param>
/// <param name="Masked">Whether a boolean says which j take part.</param>
public sealed record AverageSoftmax(Many<Axis> Axes, Many<Axis> Averaged, bool Weighted, bool Counted, bool Masked)
    : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (x, y) = (operands[0], operands[1]);
        Many<Axis> batch = [Axis.Batch];
        var counted = Counted ? operands[Weighted ? 3 : 2] : Shape.Scalar;
        return x.Union(y.Without(Averaged))
            .With(
                TwoTerms.Errors(x, y, Axes, Masked ? operands[^1] : null),
                Requirements.Lacks("the shared logits", x, Averaged),
                Requirements.Has("the logits averaged over", y, Averaged),
                Requirements.Within("the logits averaged over", y, batch + x.Axes + Averaged),
                Weighted
                    ? Requirements.Within("factors", operands[2], x.Axes.Filter(a => !Axes.Contains(a)) + Averaged)
                    : [],
                Weighted ? Requirements.NoLonger(operands[2], x.Union(y)) : [],
                Requirements.NoLonger(counted, y),
                Requirements.Within("what counts", counted, batch + Averaged),
                counted.Has(Axis.Batch) && !y.Has(Axis.Batch)
                    ? Requirements.Has("the shared logits", x, Axis.Batch)
                    : []
            );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => 2 * operands[0].Union(operands[1]).Count;

    /// <inheritdoc/>
    public override long Scratch(Node at)
    {
        var denominators = at.Operands[0].Shape.Union(at.Operands[1].Shape).Without(Axes);
        return at.Operands.Take(2).Sum(o => o.Shape.Count) + 2 * denominators.Count;
    }
}

/// <summary>What logits <c>x_ij + y_nj</c> must be for products of matrices of their exponentials.</summary>
internal static class TwoTerms
{
    /// <summary>What does not fit.</summary>
    /// <param name="x">The shape of the first term.</param>
    /// <param name="y">The shape of the second term.</param>
    /// <param name="axes">The axes j, which both have; one at least.</param>
    /// <param name="mask">
    /// The shape of the boolean that says which j take part; its other axes belong to one of the terms alone.
    /// </param>
    public static Many<Error> Errors(Shape x, Shape y, Many<Axis> axes, Shape? mask)
    {
        var errors =
            Requirements.Holds(
                !axes.IsEmpty,
                "a sum along no axis",
                "an axis at least",
                "name the axes that it is along"
            ) + Requirements.Agree("two terms", x, y, axes);
        if (mask is null)
            return errors;
        var own = mask.Axes.Filter(a => a != Axis.Batch && !axes.Contains(a));
        var ofOne = own.ForAll(a => x.Has(a) && !y.Has(a)) || own.ForAll(a => y.Has(a) && !x.Has(a));
        return errors
            + Requirements.Holds(
                ofOne,
                $"a mask of axes {mask.Axes}",
                "one with axes of one term alone",
                "split the mask"
            )
            + Requirements.NoLonger(mask, x.Union(y))
            + (
                mask.Has(Axis.Batch) && !y.Has(Axis.Batch)
                    ? Requirements.Has("a term beside a mask", x, Axis.Batch)
                    : []
            );
    }
}
