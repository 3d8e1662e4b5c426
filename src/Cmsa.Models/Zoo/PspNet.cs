using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>Pyramid Scene Parsing Network</i> (Zhao et al. 2017): the map beside its means over four grids.
/// </summary>
public static class PspNet
{
    /// <summary>Scores of the classes at an eighth of the picture's size.</summary>
    /// <param name="network">The backbone; its last stages dilate.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="channels">Channels of each grid and of the head.</param>
    public static Layer<Image, FeatureMap> Scores(ResNet network, int classes, int channels = 512)
    {
        Layer<FeatureMap, FeatureMap> Bins(int bins) => Blocks.Bins(bins, channels).Named($"bins{bins}");

        return (network with { OutputStride = 8 }).Tapped("res5").Named("backbone")
            >> Pick("res5")
            >> Concat(Identity<FeatureMap>(), Bins(1), Bins(2), Bins(3), Bins(6))
            >> Blocks.Normed(channels, 3).Named("head")
            >> Dropout(0.1)
            >> Conv(classes, 1).Named("scores");
    }

    /// <summary>Logits of a mask of <c>size x size</c> pixels.</summary>
    public static Layer<Image, Mask> Model(ResNet network, int size, int channels = 512) =>
        Scores(network, 1, channels) >> Upsample(size);
}
