using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>A feature map resampled bilinearly to <c>[channel, Rows, Columns]</c>.</summary>
public sealed record Resize(int Rows, int Columns) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new("resize", $"{Rows}×{Columns}");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Rows < 1 || Columns < 1
            ? input.Node.With(Error.Misfit($"{this}", "at least 1 row and column", "give positive sizes"))
        : input.Node.Shape[Axis.Row] == Rows && input.Node.Shape[Axis.Column] == Columns ? input
        : new Node(new Interpolate(Rows, Columns), input.Node);
}

/// <summary>The first of two feature maps resampled bilinearly to the size of the second.</summary>
public sealed record ResizeToSecond : Layer<(FeatureMap, FeatureMap), FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var like = input.Second.Node.Shape;
        return new Resize(like[Axis.Row], like[Axis.Column]).Elaborate(input.First, scope);
    }
}

/// <summary>
/// A map of one channel resampled bilinearly to the picture's size: the logits of the mask (CVPR 2019, equation 9).
/// </summary>
/// <param name="Rows">The picture's height, in pixels.</param>
/// <param name="Columns">The picture's width, in pixels.</param>
public sealed record Upsample(int Rows, int Columns) : Layer<FeatureMap, Mask>
{
    /// <inheritdoc/>
    public override Caption Caption => new("upsample", $"{Rows}×{Columns}");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var map = new Resize(Rows, Columns).Elaborate(input, scope).Node;
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
    public static Layer<FeatureMap, Mask> Upsample(int size) => new Upsample(size, size);

    /// <inheritdoc cref="Layers.Upsample"/>
    public static Layer<FeatureMap, Mask> Upsample(int rows, int columns) => new Upsample(rows, columns);

    /// <inheritdoc cref="Layers.Resize"/>
    public static Layer<FeatureMap, FeatureMap> Resize(int rows, int columns) => new Resize(rows, columns);

    /// <inheritdoc cref="Layers.ResizeToSecond"/>
    public static Layer<(FeatureMap, FeatureMap), FeatureMap> ResizeLike { get; } = new ResizeToSecond();
}
