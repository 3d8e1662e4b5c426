using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

namespace Cmsa.Models.Ablations;

/// <summary>
/// Fusion by pyramid pooling (Zhao et al. 2017; CVPR 2019, table 2, "PPM"): the levels' channels one after the other,
/// beside them the means over grids of 1, 2, 3 and 6 bins, each mapped to a quarter of the channels and spread
/// bilinearly over the map; a 3x3 convolution makes one map of all. Without Zhao's batch norms, since a batch is one
/// sample here.
/// </summary>
public static class PyramidFusion
{
    /// <summary>Levels <c>[channels, row, column]</c> of one size to one such map.</summary>
    /// <param name="channels">Channels of each level, and of the result; at least 4.</param>
    public static Layer<Levels<FeatureMap>, FeatureMap> Of(int channels) =>
        Concat(Pick(Res3), Pick(Res4), Pick(Res5))
        >> Concat(
            Identity<FeatureMap>(),
            Bins(1, channels / 4),
            Bins(2, channels / 4),
            Bins(3, channels / 4),
            Bins(6, channels / 4)
        )
        >> Conv(channels, 3)
        >> Relu;

    /// <summary>
    /// Zhao's module with all of its parts: each grid is mapped to a quarter of the channels that come in, with a batch
    /// norm, and spread with aligned corners. A batch norm over a grid of one bin needs batches of at least two in
    /// training.
    /// </summary>
    /// <param name="channels">Channels of each level, and of the result; three levels come in.</param>
    public static Layer<Levels<FeatureMap>, FeatureMap> AsCited(int channels) =>
        Concat(Pick(Res3), Pick(Res4), Pick(Res5))
        >> Concat(
            Identity<FeatureMap>(),
            NormedBins(1, 3 * channels / 4),
            NormedBins(2, 3 * channels / 4),
            NormedBins(3, 3 * channels / 4),
            NormedBins(6, 3 * channels / 4)
        )
        >> Conv(channels, 3, bias: false).Named("joined")
        >> BatchNorm().Named("norm")
        >> Relu;

    private static Layer<FeatureMap, FeatureMap> NormedBins(int bins, int channels) =>
        (
            AdaptiveAveragePool(bins) >> (Conv(channels, 1, bias: false) >> BatchNorm()).Named($"bins{bins}") >> Relu
            & Identity<FeatureMap>()
        ) >> new ResizeToSecond(Alignment.Corners);

    private static Layer<FeatureMap, FeatureMap> Bins(int bins, int channels) =>
        (AdaptiveAveragePool(bins) >> Conv(channels, 1).Named($"bins{bins}") >> Relu & Identity<FeatureMap>())
        >> ResizeLike;
}
