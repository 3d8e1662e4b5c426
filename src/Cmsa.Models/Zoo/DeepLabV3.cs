using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>Rethinking Atrous Convolution for Semantic Image Segmentation</i> (Chen et al. 2017): atrous spatial pyramid
/// pooling on a network of stride 8, with torchvision's head.
/// </summary>
public static class DeepLabV3
{
    /// <summary>Scores of the classes at an eighth of the picture's size.</summary>
    /// <param name="network">The backbone; its last stages dilate.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="channels">Channels of the head.</param>
    public static Layer<Image, FeatureMap> Scores(ResNet network, int classes, int channels = 256) =>
        (network with { OutputStride = 8 }).Tapped("res5").Named("backbone")
        >> Pick("res5")
        >> Aspp(channels, 12, 24, 36).Named("aspp")
        >> Blocks.Normed(channels, 3).Named("head")
        >> Conv(classes, 1).Named("scores");

    /// <summary>Logits of a mask of <c>size x size</c> pixels.</summary>
    public static Layer<Image, Mask> Model(ResNet network, int size, int channels = 256) =>
        Scores(network, 1, channels) >> Upsample(size);

    /// <summary>The map at several rates of dilation, and the mean of all of it, mapped to one.</summary>
    /// <param name="channels">Channels of each branch and of the result.</param>
    /// <param name="rates">Steps between the kernels' elements, in cells.</param>
    public static Layer<FeatureMap, FeatureMap> Aspp(int channels, params Many<int> rates)
    {
        var point = Blocks.Normed(channels, 1).Named("point");
        var dilated = rates.Map(rate => Blocks.Normed(channels, 3, rate).Named($"rate{rate}"));
        var mean = Blocks.Bins(1, channels).Named("mean");
        return Concat([point, .. dilated, mean]) >> Blocks.Normed(channels, 1).Named("project") >> Dropout(0.5);
    }
}
