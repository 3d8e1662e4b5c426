using Cmsa.Dsl;

namespace Cmsa.Models;

/// <summary>The sizes of a model of the paper.</summary>
/// <param name="Backbone">The network that sees.</param>
/// <param name="Image">The picture's side, in pixels.</param>
/// <param name="Words">N, the longest expression.</param>
/// <param name="Vocabulary">How many words there are, the special ones included.</param>
/// <param name="WordChannels">C_l, the length of a word's vector.</param>
/// <param name="Attention">d, the width of q, k and v.</param>
/// <param name="FusedChannels">Channels of the fused levels X^i.</param>
/// <param name="FixedBackbone">
/// Whether training leaves the backbone as it is, its batch norms fixed and its stride 8; otherwise all of it is
/// trained as it stands.
/// </param>
public sealed record Sizes(
    ResNet Backbone,
    int Image = 320,
    int Words = 20,
    int Vocabulary = 8803,
    int WordChannels = 1000,
    int Attention = 512,
    int FusedChannels = 500,
    bool FixedBackbone = true
)
{
    /// <summary>The paper's: ResNet-101, 320x320 pixels, 20 words.</summary>
    public static Sizes Paper { get; } = new(ResNet.Of101 with { Variant = ResNetVariant.Caffe });

    /// <summary>The paper's on a ResNet-101 built as torchvision's is, for torchvision's weights.</summary>
    public static Sizes Torchvision { get; } = Paper with { Backbone = ResNet.Of101 };

    /// <summary>
    /// For photographs on two cores: the paper's picture and words on Microsoft's ResNet-18, whose ImageNet weights a
    /// restore brings, with about half the paper's channels in attention and fusion.
    /// </summary>
    public static Sizes Photo { get; } = new(ResNet.Microsoft18, Attention: 256, FusedChannels: 256);

    /// <summary>
    /// Small enough to train in minutes on two cores, all of it, from nothing: a thin residual network of stride 8,
    /// 96x96 pixels, 12 words.
    /// </summary>
    public static Sizes Small { get; } =
        new(
            new ResNet([1, 1, 1, 1], Bottleneck: false, Width: 8, OutputStride: 8),
            Image: 96,
            Words: 12,
            Vocabulary: 36,
            WordChannels: 64,
            Attention: 32,
            FusedChannels: 96,
            FixedBackbone: false
        );

    /// <summary>The argument's sizes, for compiling.</summary>
    public InputSpec Inputs => InputSpec.Image(Image, Image) & InputSpec.Tokens(Words);
}
