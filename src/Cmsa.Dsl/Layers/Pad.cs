using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A feature map with zeros around it: <c>Pad(3) &gt;&gt; Conv(64, 7, stride: 2, padding: AutoPad.Valid)</c> pads by
/// other numbers than <see cref="AutoPad"/> has names for.
/// </summary>
/// <param name="Top">Rows above.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Left">Columns on the left.</param>
/// <param name="Right">Columns on the right.</param>
public sealed record Pad(int Top, int Bottom, int Left, int Right) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Node(new Cmsa.Dsl.Graphs.Pad(Top, Bottom, Left, Right), input.Node);
}

/// <summary>Where a window that slides over a map finds zeros around it.</summary>
public enum AutoPad
{
    /// <summary>On all sides alike, half of what the kernel reaches: for odd kernels alone.</summary>
    Same,

    /// <summary>Nowhere: the kernel stays inside the map.</summary>
    Valid,

    /// <summary>
    /// So many that the result has <c>ceil(size / Stride)</c> cells, an odd one at the bottom and at the right:
    /// TensorFlow's SAME, ONNX's SAME_UPPER.
    /// </summary>
    SameUpper,

    /// <summary>The same, an odd one at the top and at the left: ONNX's SAME_LOWER.</summary>
    SameLower,
}

/// <summary>Cells added on the four sides of a map.</summary>
internal readonly record struct Sides(int Top, int Bottom, int Left, int Right)
{
    /// <summary>Whether there are none.</summary>
    public bool AreEmpty => this == default;

    /// <summary>Whether there are as many above as below, and as many on the left as on the right.</summary>
    public bool AreAlike => Top == Bottom && Left == Right;

    /// <summary>A map with cells of some number around it; the map itself where there are none.</summary>
    public Node Around(Node x, double number) =>
        AreEmpty ? x : new Node(new Cmsa.Dsl.Graphs.Pad(Top, Bottom, Left, Right, number), x);
}

internal static class Paddings
{
    /// <summary>What a padding is called in a caption.</summary>
    public static string Named(AutoPad padding) =>
        padding switch
        {
            AutoPad.Valid => ", no padding",
            AutoPad.SameUpper => ", same, more below",
            AutoPad.SameLower => ", same, more above",
            _ => "",
        };

    /// <summary>The cells that a padding adds.</summary>
    /// <param name="x">The map.</param>
    /// <param name="padding">Where cells are added.</param>
    /// <param name="reach">Cells between a window's first and last, along rows and columns.</param>
    /// <param name="stride">Step between windows, in cells.</param>
    public static Sides Sides(Node x, AutoPad padding, Extent2 reach, Extent2 stride)
    {
        var (top, bottom) = Along(x.Shape[Axis.Row], reach.Rows, stride.Rows);
        var (left, right) = Along(x.Shape[Axis.Column], reach.Columns, stride.Columns);
        return new(top, bottom, left, right);

        (int Before, int After) Along(int size, int reach, int stride)
        {
            if (padding is AutoPad.Same or AutoPad.Valid)
            {
                var each = padding == AutoPad.Same ? reach / 2 : 0;
                return (each, each);
            }
            var last = (size - 1) / stride * stride;
            var all = Math.Max(0, last + reach + 1 - size);
            var less = all / 2;
            return padding == AutoPad.SameUpper ? (less, all - less) : (all - less, less);
        }
    }

    /// <summary>
    /// A map with the zeros that one-sided padding adds, and the padding on all sides that is left for the window itself.
    /// </summary>
    /// <inheritdoc cref="Sides"/>
    public static (Node Map, Extent2 Around) Around(Node x, AutoPad padding, Extent2 reach, Extent2 stride)
    {
        var sides = Sides(x, padding, reach, stride);
        return sides.AreAlike ? (x, new Extent2(sides.Top, sides.Left)) : (sides.Around(x, 0), 0);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Pad"/>
    public static Layer<FeatureMap, FeatureMap> Pad(int all) => new Pad(all, all, all, all);

    /// <inheritdoc cref="Layers.Pad"/>
    public static Layer<FeatureMap, FeatureMap> Pad(int top, int bottom, int left, int right) =>
        new Pad(top, bottom, left, right);
}
