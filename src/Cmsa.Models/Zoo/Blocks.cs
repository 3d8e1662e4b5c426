using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>What several of the networks here are made of.</summary>
internal static class Blocks
{
    /// <summary>A convolution without a bias, a batch norm and a relu.</summary>
    public static Layer<FeatureMap, FeatureMap> Normed(int channels, int kernel, int dilation = 1) =>
        Conv(channels, kernel, dilation: dilation, bias: false).Named("conv") >> BatchNorm().Named("norm") >> Relu;

    /// <summary>
    /// A layer several times one after the other, with weights of its own under <c>0</c>, <c>1</c>, ...
    /// </summary>
    public static Layer<A, A> Stack<A>(int count, Layer<A, A> layer) =>
        Many.Range(count).Fold(Identity<A>(), (stack, i) => stack >> layer.Named($"{i}"));

    /// <summary>The mean of each bin of a grid, mapped to some channels and spread over the map again.</summary>
    public static Layer<FeatureMap, FeatureMap> Bins(int bins, int channels) =>
        (AdaptiveAveragePool(bins) >> Normed(channels, 1) & Identity<FeatureMap>()) >> ResizeLike;
}
