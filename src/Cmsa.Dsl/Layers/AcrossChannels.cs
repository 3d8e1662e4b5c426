using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The mean, the greatest or the sum of all channels at every place, as a map of one channel: <c>[channel, h, w]</c> to
/// <c>[1, h, w]</c>.
/// </summary>
/// <param name="Reduction">Max, Mean or Sum.</param>
public sealed record AcrossChannels(Reduction Reduction) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"{Pool.Named(Reduction)} of channels");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Node(new Widen(Axis.Channel), input.Node.Reduce(Reduction, [Axis.Channel]));
}

public static partial class Syntax
{
    /// <summary>The mean of all channels at every place.</summary>
    public static Layer<FeatureMap, FeatureMap> ChannelMean { get; } =
        new AcrossChannels(Cmsa.Dsl.Graphs.Reduction.Mean);

    /// <summary>The greatest of all channels at every place.</summary>
    public static Layer<FeatureMap, FeatureMap> ChannelMax { get; } = new AcrossChannels(Cmsa.Dsl.Graphs.Reduction.Max);

    /// <summary>The greatest over all places.</summary>
    public static Layer<FeatureMap, Vector> GlobalMax { get; } = new GlobalPool(Cmsa.Dsl.Graphs.Reduction.Max);
}
