using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A feature map as one vector a patch of <c>Size x Size</c> cells, row by row: <c>[in, h, w]</c> to <c>[h / Size * w /
/// Size, Channels]</c> (Dosovitskiy et al. 2021). Parameters: <c>weight [Channels, in, Size, Size]</c> and <c>bias
/// [Channels]</c>.
/// </summary>
/// <param name="Channels">Channels of the result.</param>
/// <param name="Size">A patch's side, in cells; divides the map's.</param>
public sealed record PatchEmbedding(int Channels, int Size) : Layer<FeatureMap, Patches>
{
    /// <inheritdoc/>
    public override Caption Caption => new("patches", $"{Size}×{Size}");

    /// <inheritdoc/>
    public override Option<string> Name => "patches";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var (x, size) = (input.Node, Math.Max(1, Size));
        var fits = x.Shape[Axis.Row] % size == 0 && x.Shape[Axis.Column] % size == 0;
        if (!fits)
            x = x.With(
                Error.Misfit(
                    $"patches of {Size}x{Size} cells of {x.Shape}",
                    "whole patches",
                    "give a size that divides the map"
                )
            );
        var map = new Conv(Channels, Size, Size, Padding: AutoPad.Valid).Elaborate(x, scope).Node;
        return FlattenPlaces.Of(map);
    }
}

/// <summary>
/// The places of a feature map in a row, row by row: <c>[channel, h, w]</c> to <c>[h * w, channel]</c>.
/// </summary>
public sealed record FlattenPlaces : Layer<FeatureMap, Patches>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => Of(input.Node);

    internal static Node Of(Node map) =>
        new Node(new Merge(Axis.Row, Axis.Column), map).Rename((Axis.Column, Patches.Patch));
}

/// <summary>
/// Patches in rows of <c>Columns</c> as a feature map: <c>[h * w, channel]</c> to <c>[channel, h, w]</c>.
/// </summary>
/// <param name="Columns">w; divides the number of patches.</param>
public sealed record Unflatten(int Columns) : Layer<Patches, FeatureMap>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var rows = input.Node.Shape[Patches.Patch] / Math.Max(1, Columns);
        return new Node(new Split(Axis.Column, Axis.Row, rows), input.Node.Rename((Patches.Patch, Axis.Column)));
    }
}

/// <summary>
/// A learnt patch before all others, the same for every picture. Parameter: <c>token [1, channel]</c>.
/// </summary>
public sealed record PrependClassToken : Layer<Patches, Patches>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var channels = new Dimension(Axis.Channel, input.Node.Shape[Axis.Channel]);
        var start = new Initializer.Fill(0);
        var token = scope.Parameter("token", start, Role.Embedding, new Dimension(Patches.Patch, 1), channels);
        return Node.Concat(Patches.Patch, token, input.Node);
    }
}

/// <summary>The first patch, where <see cref="PrependClassToken"/> puts the class token: <c>[channel]</c>.</summary>
public sealed record TakeFirstPatch : Layer<Patches, Vector>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Node.Slice(Patches.Patch, 0, 1).Reduce(Reduction.Sum, [Patches.Patch]);
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.PatchEmbedding"/>
    public static Layer<FeatureMap, Patches> PatchEmbedding(int channels, int size) =>
        new PatchEmbedding(channels, size);

    /// <inheritdoc cref="Layers.FlattenPlaces"/>
    public static Layer<FeatureMap, Patches> Flatten { get; } = new FlattenPlaces();

    /// <inheritdoc cref="Layers.Unflatten"/>
    public static Layer<Patches, FeatureMap> Unflatten(int columns) => new Unflatten(columns);

    /// <inheritdoc cref="Layers.PrependClassToken"/>
    public static Layer<Patches, Patches> ClassToken { get; } = new PrependClassToken();

    /// <inheritdoc cref="Layers.TakeFirstPatch"/>
    public static Layer<Patches, Vector> FirstPatch { get; } = new TakeFirstPatch();
}
