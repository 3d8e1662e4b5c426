using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The greatest (<see cref="Reduction.Max"/>) or the mean of a window that slides over a feature map. The window and its
/// stride are one number, or one for the rows and one for the columns: <c>(1, 2)</c>.
/// </summary>
/// <param name="Reduction">Max or Mean.</param>
/// <param name="Kernel">The window's sides, in cells.</param>
/// <param name="Stride">Step between windows, in cells.</param>
/// <param name="Padding">Cells added on each side, at most half the window.</param>
/// <param name="Ceiling">Whether a last window that is only partly inside counts.</param>
/// <param name="Dilation">Step between the cells of a window, in cells; 1 for a mean.</param>
public sealed record Pool(
    Reduction Reduction,
    Extent2 Kernel,
    Extent2 Stride,
    int Padding = 0,
    bool Ceiling = false,
    Extent2 Dilation = default
) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"{Named(Reduction)} pool", $"{Kernel.Side}, stride {Stride.Step}{Dilated}");

    private string Dilated => Dilation == 1 ? "" : $", dilated {Dilation.Step}";

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    internal static string Named(Reduction reduction) =>
        reduction switch
        {
            Reduction.Max => "max",
            Reduction.Mean => "mean",
            _ => "sum",
        };

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        !IsPossible
            ? input.Node.With(
                Error.Misfit(
                    $"{this}",
                    "Max or Mean, a positive window and stride, and a padding of at most half the window",
                    "correct these numbers"
                )
            )
            : new Node(new PoolWindows(Reduction, Kernel, Stride, Padding, Ceiling, Dilation), input.Node);

    private bool IsPossible =>
        Kernel.Least > 0 && Stride.Least > 0 && Padding >= 0 && 2 * Padding <= Kernel.Least && Reduction != Reduction.Sum;
}

/// <summary>
/// The greatest or the mean of a window that slides over a feature map and finds nothing outside of it: padding is never
/// the greatest, and a mean is that of the cells inside (TensorFlow's pools).
/// </summary>
/// <param name="Reduction">Max or Mean.</param>
/// <param name="Kernel">The window's sides, in cells; odd where the padding is <see cref="AutoPad.Same"/>.</param>
/// <param name="Stride">Step between windows, in cells.</param>
/// <param name="Padding">Where cells are added around the map.</param>
public sealed record PaddedPool(Reduction Reduction, Extent2 Kernel, Extent2 Stride, AutoPad Padding)
    : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption =>
        new($"{Pool.Named(Reduction)} pool", $"{Kernel.Side}, stride {Stride.Step}{Paddings.Named(Padding)}");

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var x = input.Node;
        if (Kernel.Least < 1 || Stride.Least < 1 || Reduction == Reduction.Sum || (Padding == AutoPad.Same && !Kernel.IsOdd))
            return x.With(
                Error.Misfit(
                    $"{this}",
                    "Max or Mean, a positive window and stride, and an odd window where the padding is Same",
                    "correct these numbers, or use AutoPad.SameUpper as TensorFlow pads"
                )
            );
        var sides = Paddings.Sides(x, Padding, Kernel.Map(k => k - 1), Stride);
        var window = new PoolWindows(Reduction, Kernel, Stride, Padding: 0, Ceiling: false);
        if (Reduction == Reduction.Max)
            return new Node(window, sides.Around(x, double.NegativeInfinity));
        var mean = new Node(window, sides.Around(x, 0));
        if (sides.AreEmpty)
            return mean;
        // The share of each window that is inside.
        var cells = new Shape(
            new Dimension(Axis.Channel, 1),
            new(Axis.Row, x.Shape[Axis.Row]),
            new(Axis.Column, x.Shape[Axis.Column])
        );
        var ones = new Node(new Repeat(cells), new Node(new Constant(1)));
        var inside = new Node(window, sides.Around(ones, 0)).Reduce(Reduction.Sum, [Axis.Channel]);
        return mean * inside.Map(Function.Reciprocal);
    }
}

/// <summary>
/// The greatest or the mean of each bin of a grid laid over a feature map, whatever its size: <c>[channel, Rows,
/// Columns]</c>.
/// </summary>
/// <param name="Reduction">Max or Mean.</param>
/// <param name="Rows">Bins from top to bottom.</param>
/// <param name="Columns">Bins from left to right.</param>
public sealed record AdaptivePool(Reduction Reduction, int Rows, int Columns) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"{Pool.Named(Reduction)} pool", $"{Rows}×{Columns} bins");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Rows < 1 || Columns < 1 || Reduction == Reduction.Sum
            ? input.Node.With(Error.Misfit($"{this}", "Max or Mean, and at least one bin", "correct these numbers"))
            : new Node(new PoolBins(Reduction, Rows, Columns), input.Node);
}

/// <summary>The mean or the greatest over all places of a feature map: one vector.</summary>
public sealed record GlobalPool(Reduction Reduction) : Layer<FeatureMap, Vector>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"global {Pool.Named(Reduction)}");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Node.Reduce(Reduction, [Axis.Row, Axis.Column]);
}

public static partial class Syntax
{
    /// <summary>The greatest of a sliding window.</summary>
    public static Layer<FeatureMap, FeatureMap> MaxPool(Extent2 kernel, Extent2 stride, int padding = 0) =>
        new Pool(Cmsa.Dsl.Graphs.Reduction.Max, kernel, stride, padding);

    /// <summary>The greatest of a sliding window, padded by name.</summary>
    public static Layer<FeatureMap, FeatureMap> MaxPool(Extent2 kernel, Extent2 stride, AutoPad padding) =>
        new PaddedPool(Cmsa.Dsl.Graphs.Reduction.Max, kernel, stride, padding);

    /// <summary>The mean of what a sliding window holds of the map, padded by name.</summary>
    public static Layer<FeatureMap, FeatureMap> AveragePool(Extent2 kernel, Extent2 stride, AutoPad padding) =>
        new PaddedPool(Cmsa.Dsl.Graphs.Reduction.Mean, kernel, stride, padding);

    /// <summary>The mean of a sliding window.</summary>
    public static Layer<FeatureMap, FeatureMap> AveragePool(Extent2 kernel, Extent2 stride, int padding = 0) =>
        new Pool(Cmsa.Dsl.Graphs.Reduction.Mean, kernel, stride, padding);

    /// <summary>The mean of each bin of a grid of <c>bins x bins</c>.</summary>
    public static Layer<FeatureMap, FeatureMap> AdaptiveAveragePool(int bins) =>
        new AdaptivePool(Cmsa.Dsl.Graphs.Reduction.Mean, bins, bins);

    /// <summary>The mean over all places.</summary>
    public static Layer<FeatureMap, Vector> GlobalAverage { get; } = new GlobalPool(Cmsa.Dsl.Graphs.Reduction.Mean);
}
