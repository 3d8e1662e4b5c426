using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>Rows and columns of zeros, or of another number, around a map.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Left">Columns on the left.</param>
/// <param name="Right">Columns on the right.</param>
/// <param name="Value">The number; minus infinity is nothing to a maximum.</param>
public sealed record Pad(int Top, int Bottom, int Left, int Right, double Value = 0) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => Value == 0;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var x = operands[0];
        return x.With(Axis.Row, x[Axis.Row] + Math.Max(0, Top) + Math.Max(0, Bottom))
            .With(Axis.Column, x[Axis.Column] + Math.Max(0, Left) + Math.Max(0, Right))
            .With(
                Requirements.Image(x),
                Requirements.Holds(
                    Top >= 0 && Bottom >= 0 && Left >= 0 && Right >= 0,
                    $"{this}",
                    "no negative number of rows or columns",
                    "give each as at least 0"
                )
            );
    }
}
