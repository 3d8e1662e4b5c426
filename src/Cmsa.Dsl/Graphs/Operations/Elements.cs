using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>A scalar function of every element.</summary>
public sealed record Apply(Function Function) : Operation
{
    /// <inheritdoc/>
    public override bool CanReplace(int operand) => true;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands[0];

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => Function == Function.Negate;
}

/// <summary>The sum of two values, element by element.</summary>
public sealed record Add : Operation
{
    /// <inheritdoc/>
    public override bool CanReplace(int operand) => true;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Elements.Infer("sum", operands);

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [];
}

/// <summary>The product of two values, element by element.</summary>
public sealed record Multiply : Operation
{
    /// <inheritdoc/>
    public override bool CanReplace(int operand) => true;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Elements.Infer("product", operands);

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;
}

/// <summary>The connectives of booleans.</summary>
public enum Connective
{
    /// <summary>Both.</summary>
    And,

    /// <summary>Either.</summary>
    Or,

    /// <summary>Both or neither.</summary>
    Same,
}

/// <summary>Two booleans joined, element by element.</summary>
public sealed record Logic(Connective Connective) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override ElementType Type => ElementType.Boolean;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [];

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Elements.Infer("combination", operands);
}

internal static class Elements
{
    public static Inferred Infer(string what, Many<Shape> operands) =>
        operands[0].Clashes(operands[1]) switch
        {
            { IsEmpty: true } => operands[0].Union(operands[1]),
            var clashes => new Inferred(
                operands[0],
                [
                    Error.Misfit(
                        $"{what} of {operands[0]} and {operands[1]}",
                        $"the same {string.Join(" and ", clashes.Map(a => a.Name))} count",
                        clashes.Contains(Axis.Channel)
                            ? $"project one with Conv({operands[0][Axis.Channel]}, 1)"
                            : "bring both to one size with Resize"
                    ),
                ]
            ),
        };
}
