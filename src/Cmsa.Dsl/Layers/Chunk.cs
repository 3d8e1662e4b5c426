using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>One of several equal parts of a feature map's channels.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">Of how many.</param>
public sealed record Chunk(int Index, int Count) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var channels = input.Node.Shape[Axis.Channel];
        return Count > 0 && Index >= 0 && Index < Count && channels % Count == 0
            ? input.Node.Slice(Axis.Channel, channels / Count * Index, channels / Count)
            : input.Node.With(
                Error.Misfit(
                    $"part {Index} of {Count} of {input.Node.Shape}",
                    "a part of a count that divides the channels",
                    "count parts from 0, and choose channels that divide"
                )
            );
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Chunk"/>
    public static Layer<FeatureMap, FeatureMap> Chunk(int index, int count) => new Chunk(index, count);
}
