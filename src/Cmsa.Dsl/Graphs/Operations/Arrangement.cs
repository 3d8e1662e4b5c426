using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>Several values one after the other along an axis. An axis that one of them lacks is repeated.</summary>
public sealed record Concat(Axis Axis) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis];

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        new(
            operands
                .Map(s => s.Without(Axis))
                .Reduce((a, b) => a.Union(b))
                .With(Axis, (int)Math.Min(int.MaxValue, operands.Sum(s => (long)s[Axis]))),
            operands.Tail.Bind(s =>
                operands
                    .Head.Without(Axis)
                    .Clashes(s.Without(Axis))
                    .Take(1)
                    .Map(_ =>
                        Error.Misfit(
                            $"{operands.Head} and {s} side by side",
                            $"shapes that differ in {Axis} alone",
                            "bring both to one size with Resize, or check the strides"
                        )
                    )
            )
        );
}

/// <summary>A stretch of an axis.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Start">The first element taken.</param>
/// <param name="Length">How many.</param>
public sealed record Slice(Axis Axis, int Start, int Length) : Operation
{
    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        new(
            operands[0].With(Axis, Length),
            Start >= 0 && Length > 0 && operands[0].Has(Axis) && Start + Length <= operands[0][Axis]
                ? []
                :
                [
                    Error.Misfit(
                        $"{Axis} {Start} to {Start + Length} of {operands[0]}",
                        $"at most {operands[0][Axis]}",
                        "take a stretch that is there"
                    ),
                ]
        );
}

/// <summary>The same elements under other names of axes.</summary>
public sealed record Rename(Many<(Axis From, Axis To)> Names) : Operation
{
    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => Names.Bind<Axis>(n => [n.From, n.To]);

    /// <summary>What an axis is called afterwards.</summary>
    public Axis Name(Axis axis) => Names.Find(n => n.From == axis).Map(n => n.To).IfNone(axis);

    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var renamed = operands[0].Rename(Name);
        var twice = renamed.Axes.Filter(a => renamed.Axes.Count(other => other == a) > 1).Distinct();
        return renamed.With(
            Requirements.Holds(
                twice.IsEmpty,
                $"two axes of {operands[0]} called {string.Join(" and ", twice)}",
                "a name for each",
                "rename one of them otherwise"
            )
        );
    }
}

/// <summary>One axis as two: element <c>i * inner + j</c> becomes <c>(i, j)</c>.</summary>
/// <param name="Axis">The axis to split, which keeps its name for the inner part.</param>
/// <param name="Outer">The new axis.</param>
/// <param name="Count">The new axis's length.</param>
public sealed record Split(Axis Axis, Axis Outer, int Count) : Operation
{
    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Outer, Axis];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        new(
            operands[0].With(Axis, operands[0][Axis] / Math.Max(1, Count)).With(Outer, Count),
            Count > 0 && operands[0].Has(Axis) && !operands[0].Has(Outer) && operands[0][Axis] % Count == 0
                ? []
                :
                [
                    Error.Misfit(
                        $"{operands[0][Axis]} {Axis}s in {Count} {Outer}s",
                        $"a multiple of {Count}",
                        $"choose a width that {Count} divides"
                    ),
                ]
        );
}

/// <summary>Two axes as one: element <c>(i, j)</c> becomes <c>i * inner + j</c>. Undoes <see cref="Split"/>.</summary>
public sealed record Merge(Axis Outer, Axis Axis) : Operation
{
    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Outer, Axis];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0]
            .Without(Outer)
            .With(Axis, operands[0][Axis] * operands[0][Outer])
            .With(Requirements.Has("what is merged", operands[0], Outer, Axis));
}

/// <summary>The same elements with one more axis, of length 1.</summary>
public sealed record Widen(Axis Axis) : Operation
{
    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0].With(Axis, 1).With(Requirements.Lacks("what is widened", operands[0], Axis));
}

/// <summary>The same elements, repeated along more axes.</summary>
/// <param name="Along">The axes that the operand lacks, or has of length 1, with their lengths.</param>
public sealed record Repeat(Shape Along) : Operation
{
    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0]
            .Union(Along)
            .With(
                Requirements.Holds(
                    Along.Dimensions.ForAll(d => operands[0][d.Axis] == 1),
                    $"{operands[0]} repeated along {Along}",
                    "axes that it lacks or has of length 1",
                    "repeat it along other axes"
                )
            );
}

/// <summary>
/// The same elements with the channels innermost in memory, as processors like them in convolutions. Nothing but time
/// depends on it.
/// </summary>
public sealed record ChannelsInnermost : Operation
{
    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0]
            .With(Requirements.Exactly("a weight", operands[0], Axis.Out, Axis.In, Axis.KernelRow, Axis.KernelColumn));
}
