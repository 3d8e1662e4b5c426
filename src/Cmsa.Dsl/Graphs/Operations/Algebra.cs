using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// The channels mapped by a weight: <c>y_o = sum_i w_oi x_i</c>. Operands: x, a weight <c>[out, in]</c>, and a bias
/// <c>[channel]</c> where one was fused in.
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
    public override Inferred Infer(Many<Shape> operands) =>
        new(
            operands[0].With(Axis.Channel, operands[1][Axis.Out]),
            operands[0].SizeOf(Axis.Channel) == operands[1][Axis.In]
                ? []
                :
                [
                    Error.Misfit(
                        $"a map of {operands[1][Axis.In]} channels on {operands[0]}",
                        $"{operands[1][Axis.In]} channels",
                        "give the map a weight as wide as what it maps"
                    ),
                ]
        );

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
    public override Inferred Infer(Many<Shape> operands) =>
        new(
            operands[0].Union(operands[1]).Without(Over),
            operands[0]
                .Clashes(operands[1])
                .Take(1)
                .Map(a =>
                    Error.Misfit($"{operands[0]} times {operands[1]}", $"the same {a} count", "make the widths agree")
                )
        );

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => operands[0].Union(operands[1]).Count;

    /// <inheritdoc/>
    public override long Scratch(Node at) => at.Operands.Sum(o => IsMatrix(o.Shape, at.Shape) ? 0 : o.Shape.Count);

    // A product of matrices takes an operand as it lies in memory where the axes that are summed over are next to each
    // other, and so are those that are its own.
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
    public override Inferred Infer(Many<Shape> operands) => operands.Whole.Without(Axes);

    /// <inheritdoc/>
    public override long Scratch(Node at) => at.Operands.Count > 1 ? at.Operands.Map(o => o.Shape).Whole.Count : 0;
}

/// <summary>
/// A distribution along some axes, 0 where no element takes part. Operands: x, and where some elements take no part, a
/// boolean that is true for those that do; an axis that one of them lacks is repeated.
/// </summary>
public sealed record Softmax(Many<Axis> Axes) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => Axes;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands.Whole;

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
    public override Inferred Infer(Many<Shape> operands) =>
        operands[2]
            .Union(operands[0].Without(Over).Without(Axis.Channel))
            .With(Axis.Channel, operands[0][Axis.Channel]);

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
    public override Inferred Infer(Many<Shape> operands) => operands.Whole.Without(Axes);

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
    public override Inferred Infer(Many<Shape> operands) => operands[0].Union(operands[1]).Without(Axes);

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
    public override Inferred Infer(Many<Shape> operands) => operands[0].Union(operands[1].Without(Averaged));

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => 2 * operands[0].Union(operands[1]).Count;

    /// <inheritdoc/>
    public override long Scratch(Node at) =>
        at.Operands.Take(2).Sum(o => o.Shape.Count)
        + 2 * at.Operands[0].Shape.Union(at.Operands[1].Shape).Without(Axes).Count;
}
