using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>U-Net: Convolutional Networks for Biomedical Image Segmentation</i> (Ronneberger, Fischer, Brox 2015), with
/// padded convolutions and batch norms, as is usual today.
/// </summary>
public static class UNet
{
    /// <summary>
    /// Scores of the classes: <c>[3, h, w]</c> to <c>[classes, h, w]</c>; h and w are multiples of 2^depth.
    /// </summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="width">Channels of the first level; each level below doubles them.</param>
    /// <param name="depth">How many times the map is halved.</param>
    public static Layer<Image, FeatureMap> Scores(int classes, int width = 64, int depth = 4) =>
        Pixels >> Level(width, depth) >> Conv(classes, 1).Named("scores");

    /// <summary>Logits of a mask of <c>size x size</c> pixels.</summary>
    public static Layer<Image, Mask> Model(int size, int width = 64, int depth = 4) =>
        Scores(1, width, depth) >> Upsample(size);

    // Down, the level below, up, and what went down beside it.
    private static Layer<FeatureMap, FeatureMap> Level(int channels, int depth) =>
        depth == 0
            ? Twice(channels).Named("middle")
            : Twice(channels).Named("down")
                >> Concat(Identity<FeatureMap>(), Below(channels, depth))
                >> Twice(channels).Named("up");

    private static Layer<FeatureMap, FeatureMap> Below(int channels, int depth) =>
        MaxPool(2, 2) >> Level(2 * channels, depth - 1).Named("below") >> ConvTranspose(channels, 2).Named("grow");

    private static Layer<FeatureMap, FeatureMap> Twice(int channels) =>
        Blocks.Normed(channels, 3).Named("0") >> Blocks.Normed(channels, 3).Named("1");
}
