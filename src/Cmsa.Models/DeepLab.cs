using Cmsa.Dsl;
using LanguageExt;

namespace Cmsa.Models;

/// <summary>
/// The backbone of the paper: DeepLab's ResNet (Chen et al. 2017), of stride 8 with dilated last stages, its batch
/// norms fixed.
/// </summary>
public static class DeepLab
{
    /// <summary>Res3: the second stage, 512 channels in a ResNet-101.</summary>
    public const string Res3 = "res3";

    /// <summary>Res4: the third stage, 1024 channels.</summary>
    public const string Res4 = "res4";

    /// <summary>Res5: the fourth stage, 2048 channels.</summary>
    public const string Res5 = "res5";

    /// <summary>The ResNet-101, built as DeepLab's Caffe model is, under the name <c>backbone</c>.</summary>
    /// <param name="taps">The levels given out.</param>
    public static Layer<Image, Levels<FeatureMap>> ResNet101(params Many<string> taps) =>
        Of(ResNet.Of101 with { Variant = ResNetVariant.Caffe }, taps);

    /// <summary>Any ResNet in DeepLab's manner.</summary>
    public static Layer<Image, Levels<FeatureMap>> Of(ResNet network, params Many<string> taps) =>
        (network with { OutputStride = 8, FixedNorms = true }).Tapped(taps).Named("backbone");
}
