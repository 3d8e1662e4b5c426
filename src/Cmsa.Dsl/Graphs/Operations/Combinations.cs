using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A function of two values, element by element; an axis that one lacks, or has of length 1, is repeated.
/// </summary>
/// <param name="Combination">The function.</param>
public sealed record Combine(Combination Combination) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [];

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Elements.Infer("combination", operands);
}

/// <summary>
/// Its operand in float32 where the module's precision is lower, or back in the module's precision; in a module of
/// float32 or float64 nothing happens.
/// </summary>
/// <param name="ToFloat32">Whether to float32; otherwise back.</param>
public sealed record Cast(bool ToFloat32) : Operation
{
    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [];

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands[0];
}
