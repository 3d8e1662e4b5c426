using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A convolution over rows and columns. Operands: x, a weight <c>[out, in / groups, kernel row, kernel column]</c> and
/// where one was fused in a bias <c>[channel]</c>.
/// </summary>
/// <param name="Stride">Step between outputs, in cells.</param>
/// <param name="Padding">Zeros added on each side, in cells.</param>
/// <param name="Dilation">Step between the kernel's elements, in cells.</param>
/// <param name="Groups">How many groups of channels are convolved apart.</param>
public sealed record Convolve(Extent2 Stride, Extent2 Padding, Extent2 Dilation, int Groups) : Operation
{
    /// <summary>Whether it is a linear map of the channels at each place, given a kernel of a single cell.</summary>
    internal bool MapsChannels => Stride == 1 && Padding == 0 && Groups == 1;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Channel, Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => operand < 2;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (x, weight) = (operands[0], operands[1]);
        var (from, to) = (weight[Axis.In] * Groups, weight[Axis.Out]);
        var kernel = new Extent2(weight[Axis.KernelRow], weight[Axis.KernelColumn]);
        var slid = Spatial.Slide(x.With(Axis.Channel, to), kernel, Stride, Padding, Dilation, false);
        return slid.Shape.With(
            slid.Errors,
            Requirements.Has("a map", x, Axis.Row, Axis.Column),
            Requirements.Kernel(weight),
            Requirements.Holds(
                x.SizeOf(Axis.Channel) == from,
                $"a convolution of {from} channels on {x}",
                $"{from} channels",
                "give it a weight as wide as what it convolves"
            ),
            Requirements.Holds(
                Groups > 0 && Padding.Least >= 0 && Dilation.Least > 0 && to % Math.Max(1, Groups) == 0,
                $"{this} to {to} channels",
                "positive groups that divide the channels, and positive sizes",
                "correct its numbers"
            ),
            Requirements.Bias(operands, to)
        );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) =>
        result.Count * operands[1][Axis.In] * operands[1][Axis.KernelRow] * operands[1][Axis.KernelColumn];

    /// <inheritdoc/>
    public override long Scratch(Node at) =>
        (at.Operands[0], at.Operands[1]) switch
        {
            // Single cells are a product of matrices; otherwise the library brings operands into an order of its own,
            // unless they have it.
            (_, var weight) when Spatial.IsOneCell(weight) && Stride == 1 => 0,
            (var x, { Operation: ChannelsInnermost }) => Spatial.HasChannelsInnermost(x) ? 0 : x.Shape.Count,
            (var x, var weight) => weight.Shape.Count + Math.Max(x.Shape.Count, at.Shape.Count),
        };
}

/// <summary>
/// A transposed convolution over rows and columns: the size grows by the stride. Operands: x, and the weight
/// <c>[out, in, kernel row, kernel column]</c> of the convolution that it transposes: out are the channels of x, in
/// those of the result.
/// </summary>
/// <param name="Stride">Step between inputs in the output, in cells.</param>
/// <param name="Padding">Cells cut from each side of the output.</param>
public sealed record ConvolveTransposed(Extent2 Stride, Extent2 Padding) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Channel, Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => operand < 2;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (x, weight) = (operands[0], operands[1]);
        var (rows, columns) = (
            Grow(x[Axis.Row], weight[Axis.KernelRow], Stride.Rows, Padding.Rows),
            Grow(x[Axis.Column], weight[Axis.KernelColumn], Stride.Columns, Padding.Columns)
        );
        var grown = x.With(Axis.Channel, weight[Axis.In])
            .With(Axis.Row, Math.Max(1, rows))
            .With(Axis.Column, Math.Max(1, columns));
        return grown.With(
            Requirements.Image(x),
            Requirements.Kernel(weight),
            Requirements.Holds(
                x[Axis.Channel] == weight[Axis.Out],
                $"a transposed convolution of {weight[Axis.Out]} channels on {x}",
                $"{weight[Axis.Out]} channels",
                "give it a weight as wide as what it convolves"
            ),
            Requirements.Holds(
                Stride.Least > 0 && Padding.Least >= 0 && rows > 0 && columns > 0,
                $"{this} on {x}",
                "a result of one cell at least",
                "make the padding smaller"
            )
        );
    }

    private static int Grow(int size, int kernel, int stride, int padding) => (size - 1) * stride - 2 * padding + kernel;

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) =>
        operands[0].Count * operands[1][Axis.In] * operands[1][Axis.KernelRow] * operands[1][Axis.KernelColumn];
}

/// <summary>The greatest or the mean of a window that slides over rows and columns.</summary>
/// <param name="Reduction">Max or Mean (padding counts as 0 in a mean).</param>
/// <param name="Kernel">The window's sides, in cells.</param>
/// <param name="Stride">Step between windows, in cells.</param>
/// <param name="Padding">Cells added on each side.</param>
/// <param name="Ceiling">Whether a last window that is only partly inside counts.</param>
/// <param name="Dilation">Step between the cells of a window, in cells; 1 for a mean.</param>
public sealed record PoolWindows(
    Reduction Reduction,
    Extent2 Kernel,
    Extent2 Stride,
    Extent2 Padding,
    bool Ceiling,
    Extent2 Dilation = default
) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => Reduction != Reduction.Max;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var slid = Spatial.Slide(operands[0], Kernel, Stride, Padding, Dilation, Ceiling);
        return slid.Shape.With(
            slid.Errors,
            Requirements.Image(operands[0]),
            Requirements.Holds(
                Padding.Least >= 0 && Kernel.Zip(Padding, (k, p) => k - 2 * p).Least >= 0,
                $"a padding of {Padding} for a window of {Kernel.Rows}x{Kernel.Columns}",
                "one of at most half the window",
                "make the padding smaller"
            ),
            Requirements.Holds(
                Dilation == 1 || (Dilation.Least > 0 && Reduction == Reduction.Max),
                $"a dilation of {Dilation} for the {Reduction} of a window",
                "a dilation of 1, or of at least 1 for a maximum",
                "use Reduction.Max, or a dilation of 1"
            ),
            Requirements.Holds(
                Dilation == 1 || Dilation.Least < 1 || (SeesRows(operands[0], slid.Shape) && SeesColumns(operands[0], slid.Shape)),
                $"a {Kernel.Rows}x{Kernel.Columns} window of dilation {Dilation} whose cells all miss the map {operands[0]}",
                "a window that always covers a cell, since there is no greatest of none",
                "make the padding or the dilation smaller, or the map larger"
            )
        );
    }

    private bool SeesRows(Shape map, Shape result) =>
        Spatial.Sees(map[Axis.Row], result[Axis.Row], Kernel.Rows, Stride.Rows, Padding.Rows, Dilation.Rows);

    private bool SeesColumns(Shape map, Shape result) =>
        Spatial.Sees(
            map[Axis.Column],
            result[Axis.Column],
            Kernel.Columns,
            Stride.Columns,
            Padding.Columns,
            Dilation.Columns
        );

    /// <inheritdoc/>
    // Places of the greatest, 8 bytes each.
    public override long Scratch(Node at) => Reduction == Reduction.Max ? 2 * at.Shape.Count : 0;
}

/// <summary>The mean or the greatest over a grid of <c>Rows x Columns</c> bins, whatever the size.</summary>
public sealed record PoolBins(Reduction Reduction, int Rows, int Columns) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => Reduction != Reduction.Max;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Spatial.Sized(operands[0], Rows, Columns);
}

/// <summary>Rows and columns resampled bilinearly.</summary>
/// <param name="Rows">How many rows there will be.</param>
/// <param name="Columns">How many columns there will be.</param>
/// <param name="Alignment">Which places the new cells stand for.</param>
public sealed record Interpolate(int Rows, int Columns, Alignment Alignment = Alignment.HalfPixel) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Spatial.Sized(operands[0], Rows, Columns);
}

internal static class Spatial
{
    /// <summary>
    /// Whether a value is a convolution of single cells of several maps a sample, as those of words are: a product of
    /// matrices for each.
    /// </summary>
    public static bool MapsCells(Node node) =>
        node is { Operation: Convolve convolve, Operands: [var x, var weight, ..] }
        && convolve.MapsChannels
        && IsOneCell(weight)
        && x.Shape.Dimensions.Count > 4;

    /// <summary>Whether a weight is a kernel of a single cell.</summary>
    public static bool IsOneCell(Node weight) => weight.Shape[Axis.KernelRow] * weight.Shape[Axis.KernelColumn] == 1;

    /// <summary>A map brought to some size.</summary>
    public static Inferred Sized(Shape map, int rows, int columns) =>
        map.With(Axis.Row, rows)
            .With(Axis.Column, columns)
            .With(
                Requirements.Image(map),
                Requirements.Holds(
                    rows > 0 && columns > 0,
                    $"a map of {rows}x{columns}",
                    "one of a cell at least",
                    "give positive sizes"
                )
            );

    /// <summary>
    /// Whether a value's channels are innermost in memory when it is computed: from convolutions on, through what keeps
    /// an order.
    /// </summary>
    public static bool HasChannelsInnermost(Node node) =>
        node.Operation switch
        {
            TiledConvolve => true,
            Convolve => node.Operands[1].Operation is ChannelsInnermost,
            Apply or Add or Multiply or PoolWindows or NormaliseBatch => HasChannelsInnermost(node.Operands[0]),
            _ => false,
        };

    public static Inferred Slide(
        Shape shape,
        Extent2 kernel,
        Extent2 stride,
        Extent2 padding,
        Extent2 dilation,
        bool ceiling
    )
    {
        var rows = Steps(shape[Axis.Row], kernel.Rows, stride.Rows, padding.Rows, dilation.Rows, ceiling);
        var columns = Steps(shape[Axis.Column], kernel.Columns, stride.Columns, padding.Columns, dilation.Columns, ceiling);
        return new(
            shape.With(Axis.Row, Math.Max(1, rows)).With(Axis.Column, Math.Max(1, columns)),
            rows > 0 && columns > 0 && stride.Least > 0
                ? []
                :
                [
                    Error.Misfit(
                        $"a {kernel.Rows}x{kernel.Columns} window of dilation {dilation} on {shape}",
                        "a window no larger than the padded map",
                        "make the picture larger, or the stride before this layer smaller"
                    ),
                ]
        );
    }

    /// <summary>Whether each window along an axis has a cell of the map, and not of its padding alone.</summary>
    public static bool Sees(int size, int windows, int kernel, int stride, int padding, int dilation)
    {
        var starts = Enumerable.Range(0, windows).Select(window => window * stride - padding);
        return starts.All(start => Enumerable.Range(0, kernel).Any(k => start + k * dilation is >= 0 and var at && at < size));
    }

    /// <summary>How many windows there are along an axis; 0 where there is no room for one.</summary>
    private static int Steps(int size, int kernel, int stride, int padding, int dilation, bool ceiling)
    {
        var room = size + 2 * padding - dilation * (kernel - 1) - 1;
        if (room < 0)
            return 0;
        if (!ceiling)
            return room / Math.Max(1, stride) + 1;
        // A window that would begin behind the map and its padding in front is left out, as in PyTorch.
        var last = (room + stride - 1) / Math.Max(1, stride);
        return last * stride >= size + padding ? last : last + 1;
    }
}
