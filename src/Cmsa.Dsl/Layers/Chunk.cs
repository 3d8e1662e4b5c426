using Cmsa.Dsl.Programs;

namespace Cmsa.Dsl;

/// <summary>One of several equal parts of a feature map's channels.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">Of how many.</param>
public sealed record Chunk(int Index, int Count) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Count > 0 && Index >= 0 && Index < Count && input.Value.Shape[Axis.Channel] % Count == 0
            ? input.Value.Slice(Axis.Channel, input.Value.Shape[Axis.Channel] / Count * Index, input.Value.Shape[Axis.Channel] / Count)
            : input.Value.With(Error.Misfit($"part {Index} of {Count} of {input.Value.Shape}", "a part of a count that divides the channels", "count parts from 0, and choose channels that divide"));
}
