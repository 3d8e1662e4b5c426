using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>A feature map resampled bilinearly to <c>[channel, Rows, Columns]</c>.</summary>
/// <param name="Rows">How many rows there will be.</param>
/// <param name="Columns">How many columns there will be.</param>
/// <param name="Alignment">Which places of the map the new cells stand for.</param>
public sealed record Resize(int Rows, int Columns, Alignment Alignment = Alignment.HalfPixel)
    : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new("resize", $"{Rows}×{Columns}{Named(Alignment)}");

    internal static string Named(Alignment alignment) =>
        alignment switch
        {
            Alignment.AlignCorners => ", corners aligned",
            Alignment.Asymmetric => ", asymmetric",
            _ => "",
        };

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Rows < 1 || Columns < 1
            ? input.Node.With(Error.Misfit($"{this}", "at least 1 row and column", "give positive sizes"))
        : input.Node.Shape[Axis.Row] == Rows && input.Node.Shape[Axis.Column] == Columns ? input
        : new Node(new Interpolate(Rows, Columns, Alignment), input.Node);
}

/// <summary>The first of two feature maps resampled bilinearly to the size of the second.</summary>
/// <param name="Alignment">Which places of the map the new cells stand for.</param>
public sealed record ResizeToSecond(Alignment Alignment = Alignment.HalfPixel)
    : Layer<(FeatureMap, FeatureMap), FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var like = input.Second.Node.Shape;
        return new Resize(like[Axis.Row], like[Axis.Column], Alignment).Elaborate(input.First, scope);
    }
}

/// <summary>
/// A map of one channel resampled bilinearly to the picture's size: the logits of the mask (CVPR 2019, equation 9).
/// </summary>
/// <param name="Rows">The picture's height, in pixels.</param>
/// <param name="Columns">The picture's width, in pixels.</param>
/// <param name="Alignment">Which places of the map the pixels stand for.</param>
public sealed record Upsample(int Rows, int Columns, Alignment Alignment = Alignment.HalfPixel)
    : Layer<FeatureMap, Mask>
{
    /// <inheritdoc/>
    public override Caption Caption => new("upsample", $"{Rows}×{Columns}{Resize.Named(Alignment)}");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var map = new Resize(Rows, Columns, Alignment).Elaborate(input, scope).Node;
        var channels = map.Shape[Axis.Channel];
        var checkedMap =
            channels == 1
                ? map
                : map.With(
                    Error.Misfit($"a mask of {channels} channels", "1 channel", "end with Conv(1, 3) before Upsample")
                );
        return checkedMap.Reduce(Reduction.Sum, [Axis.Channel]);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Upsample"/>
    public static Layer<FeatureMap, Mask> Upsample(int size, Alignment alignment = Alignment.HalfPixel) =>
        new Upsample(size, size, alignment);

    /// <inheritdoc cref="Layers.Upsample"/>
    public static Layer<FeatureMap, Mask> Upsample(
        int rows,
        int columns,
        Alignment alignment = Alignment.HalfPixel
    ) => new Upsample(rows, columns, alignment);

    /// <inheritdoc cref="Layers.Resize"/>
    public static Layer<FeatureMap, FeatureMap> Resize(
        int rows,
        int columns,
        Alignment alignment = Alignment.HalfPixel
    ) => new Resize(rows, columns, alignment);

    /// <inheritdoc cref="Layers.ResizeToSecond"/>
    public static Layer<(FeatureMap, FeatureMap), FeatureMap> ResizeLike { get; } = new ResizeToSecond();
}
