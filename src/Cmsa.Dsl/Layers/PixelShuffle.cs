using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Channels rearranged into places (Shi et al. 2016): <c>[c * Factor^2, h, w]</c> to <c>[c, h * Factor, w *
/// Factor]</c>. Channel <c>c * Factor^2 + i * Factor + j</c> becomes the cell in row i and column j of each block.
/// </summary>
/// <param name="Factor">How many times the map grows along rows and columns.</param>
public sealed record PixelShuffle(int Factor) : Layer<FeatureMap, FeatureMap>
{
    private static readonly Axis outer = new("block", after: Axis.Word);
    private static readonly Axis down = new("down", after: Axis.Row);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var (x, factor) = (input.Node, Math.Max(1, Factor));
        var channels = x.Shape[Axis.Channel];
        if (Factor < 1 || channels % (factor * factor) != 0)
            return x.With(
                Error.Misfit(
                    $"{this} of {channels} channels",
                    $"a multiple of {factor * factor}",
                    "map the channels first"
                )
            );
        Node blocks = new(new Split(Axis.Channel, outer, channels / (factor * factor)), x);
        Node cells = new(new Split(Axis.Channel, down, factor), blocks);
        var rows = new Node(new Merge(Axis.Row, down), cells).Rename((down, Axis.Row));
        var columns = new Node(new Merge(Axis.Column, Axis.Channel), rows);
        return columns.Rename((Axis.Channel, Axis.Column), (outer, Axis.Channel));
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.PixelShuffle"/>
    public static Layer<FeatureMap, FeatureMap> PixelShuffle(int factor) => new PixelShuffle(factor);
}
