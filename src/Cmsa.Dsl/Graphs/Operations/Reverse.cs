using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>The same elements, the last along an axis first.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Element">What its elements are.</param>
public sealed record Reverse(Axis Axis, ElementType Element = ElementType.Real) : Operation
{
    /// <inheritdoc/>
    public override ElementType Type => Element;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0].With(Requirements.Has("what is reversed", operands[0], Axis), Requirements.OfOneSample([Axis]));
}
