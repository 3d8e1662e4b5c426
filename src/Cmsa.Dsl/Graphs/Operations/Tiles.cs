using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A 3x3 convolution of stride 1 over rows and columns, in tiles of 2x2 results by Winograd's algorithm F(2x2, 3x3).
/// Operands: x, kernels that <see cref="TransformKernel"/> made, and where one was fused in a bias <c>[channel]</c>.
/// </summary>
/// <param name="Padding">Zeros added on each side, in cells; at most the dilation.</param>
/// <param name="Dilation">
/// Step between the kernel's elements, in cells: so many interleaved maps are tiled by themselves.
/// </param>
public sealed record TiledConvolve(int Padding, int Dilation) : Operation
{
    /// <summary>Numbers of a patch of the input, and of a transformed kernel: 4x4.</summary>
    public const int Patch = 16;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Channel, Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => operand < 2;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (x, kernels) = (operands[0], operands[1]);
        var slid = Spatial.Slide(x.With(Axis.Channel, kernels[Axis.Out]), 3, 1, Padding, Dilation, false);
        return slid.Shape.With(
            slid.Errors,
            Requirements.Image(x),
            Requirements.Exactly("transformed kernels", kernels, Axis.Out, Axis.In, TransformKernel.Point),
            Requirements.Holds(
                x[Axis.Channel] == kernels[Axis.In],
                $"a convolution of {kernels[Axis.In]} channels on {x}",
                $"{kernels[Axis.In]} channels",
                "give it a weight as wide as what it convolves"
            ),
            Requirements.Holds(
                Padding >= 0 && Padding <= Dilation,
                $"tiles with a padding of {Padding} for a dilation of {Dilation}",
                "a padding of at most the dilation",
                "do not tile it"
            ),
            Requirements.Bias(operands, kernels[Axis.Out])
        );
    }

    /// <summary>How many tiles of one interleaved map a result has along an axis; a last one may stand out.</summary>
    public int Tiles(int size) => (size + 2 * Dilation - 1) / (2 * Dilation);

    /// <summary>Numbers of all patches of one channel of a result.</summary>
    public long Points(Shape result) =>
        Patch
        * (long)Dilation
        * Dilation
        * Tiles(result[Axis.Row])
        * Tiles(result[Axis.Column])
        * result.Without(Axis.Channel, Axis.Row, Axis.Column).Count;

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) =>
        Points(result) * operands[1][Axis.In] * operands[1][Axis.Out];

    /// <inheritdoc/>
    public override long Scratch(Node at)
    {
        var (from, to) = (at.Operands[1].Shape[Axis.In], at.Operands[1].Shape[Axis.Out]);
        return Points(at.Shape) * Math.Max(2 * from, from + to) - at.Shape.Count;
    }
}

/// <summary>
/// 3x3 kernels <c>[out, in, kernel row, kernel column]</c> as their values <c>G W G'</c> at Winograd's 4x4 points:
/// <c>[out, in, point]</c>.
/// </summary>
public sealed record TransformKernel : Operation
{
    /// <summary>The axis of the points.</summary>
    public static Axis Point { get; } = new("point");

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0]
            .Without(Axis.KernelRow, Axis.KernelColumn)
            .With(Point, TiledConvolve.Patch)
            .With(
                Requirements.Kernel(operands[0]),
                Requirements.Holds(
                    operands[0][Axis.KernelRow] == 3 && operands[0][Axis.KernelColumn] == 3,
                    $"a kernel of {operands[0][Axis.KernelRow]}x{operands[0][Axis.KernelColumn]}",
                    "one of 3x3",
                    "do not tile it"
                )
            );
}
