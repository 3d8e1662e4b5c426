using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using LanguageExt;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models;

/// <summary>
/// Residual networks (He et al. 2016): axes <c>[3, row, column]</c> to <c>[channel, row / stride, column / stride]</c>.
/// Parameters are named as in torchvision.
/// </summary>
/// <param name="Blocks">Residual blocks of each of the four stages.</param>
/// <param name="Bottleneck">
/// Whether a block is 1x1, 3x3, 1x1 with four times the channels at its end; otherwise two 3x3.
/// </param>
/// <param name="Width">Channels inside the blocks of the first stage; each stage doubles them.</param>
/// <param name="Variant">Where a bottleneck strides, and where a stage begins to dilate.</param>
/// <param name="OutputStride">
/// How many times smaller than the picture the last stage may get: 32, 16, 8 or 4; later stages dilate instead.
/// </param>
/// <param name="FixedNorms">Whether training leaves the batch norms' statistics as they are.</param>
public sealed record ResNet(
    Many<int> Blocks,
    bool Bottleneck,
    int Width = 64,
    ResNetVariant Variant = ResNetVariant.Torchvision,
    int OutputStride = 32,
    bool FixedNorms = false
)
{
    /// <summary>ResNet-18.</summary>
    public static ResNet Of18 { get; } = new([2, 2, 2, 2], false);

    /// <summary>ResNet-18 as Microsoft trained it for ML.NET: one block more in its last stage.</summary>
    public static ResNet Microsoft18 { get; } = new([2, 2, 2, 3], false);

    /// <summary>ResNet-34.</summary>
    public static ResNet Of34 { get; } = new([3, 4, 6, 3], false);

    /// <summary>ResNet-50.</summary>
    public static ResNet Of50 { get; } = new([3, 4, 6, 3], true);

    /// <summary>ResNet-101.</summary>
    public static ResNet Of101 { get; } = new([3, 4, 23, 3], true);

    /// <summary>ResNet-152.</summary>
    public static ResNet Of152 { get; } = new([3, 8, 36, 3], true);

    /// <summary>
    /// The backbone: the results of the stages that are tapped, <c>layer1</c> being Res2 and <c>layer4</c> Res5. Stages
    /// after the last tap are left out.
    /// </summary>
    /// <param name="taps">Names among <c>res2</c>, <c>res3</c>, <c>res4</c>, <c>res5</c>.</param>
    public Layer<Image, Levels<FeatureMap>> Tapped(params Many<string> taps) =>
        Stem
        >> new Taps(
            Many.Range(Blocks.Count)
                .Filter(i => taps.Exists(t => string.CompareOrdinal(t, $"res{i + 2}") >= 0))
                .Map(i => new Stage($"layer{i + 1}", Stage(i), taps.Contains($"res{i + 2}") ? $"res{i + 2}" : ""))
        );

    /// <summary>The classifier that the network was first trained as: <c>[3, h, w]</c> to scores of classes.</summary>
    public Layer<Image, Vector> Classifier(int classes) =>
        Tapped($"res{Blocks.Count + 1}")
        >> Pick($"res{Blocks.Count + 1}")
        >> GlobalAverage
        >> Linear<Vector>(classes).Named("fc");

    private Layer<Image, FeatureMap> Stem =>
        Pixels
        >> Conv(Width, 7, stride: 2, bias: false, padding: Padding(7, stride: 2)).Named("conv1")
        >> Norm.Named("bn1")
        >> Relu
        >> (IsTensorFlow ? MaxPool(3, stride: 2, AutoPad.SameUpper) : MaxPool(3, stride: 2, padding: 1));

    private bool StridesFirst => Variant is ResNetVariant.Caffe or ResNetVariant.TensorFlow;

    private bool IsTensorFlow => Variant == ResNetVariant.TensorFlow;

    private Layer<FeatureMap, FeatureMap> Norm =>
        IsTensorFlow ? new BatchNorm(FixedNorms, Epsilon: 1e-3) : BatchNorm(FixedNorms);

    // Windows that do not stride are padded alike everywhere, and those of one cell not at all.
    private AutoPad Padding(int kernel, int stride) =>
        IsTensorFlow && kernel > 1 && stride > 1 ? AutoPad.SameUpper : AutoPad.Same;

    // The last stages of a network whose output stride is smaller dilate where they would have strided.
    private Layer<FeatureMap, FeatureMap> Stage(int stage)
    {
        var reached = 4 << stage;
        var stride =
            stage == 0 ? 1
            : reached <= OutputStride ? 2
            : 1;
        var dilation = Math.Max(1, reached / OutputStride);
        var first =
            Variant == ResNetVariant.Torchvision && stage > 0 && stride == 1 ? Math.Max(1, dilation / 2) : dilation;
        return Many.Range(Blocks[stage])
            .Fold(
                Identity<FeatureMap>(),
                (blocks, i) =>
                    blocks
                    >> Block(
                            Width << stage,
                            i == 0 ? stride : 1,
                            i == 0 ? first : dilation,
                            projected: i == 0 && (stage > 0 || Bottleneck)
                        )
                        .Named($"{i}")
            );
    }

    private Layer<FeatureMap, FeatureMap> Block(int width, int stride, int dilation, bool projected) =>
        (Body(width, stride, dilation) + Shortcut(Bottleneck ? 4 * width : width, stride, projected)) >> Relu;

    private Layer<FeatureMap, FeatureMap> Body(int width, int stride, int dilation) =>
        Bottleneck
            ? Normed(1, 1, width, StridesFirst ? stride : 1)
                >> Relu
                >> Normed(2, 3, width, StridesFirst ? 1 : stride, dilation)
                >> Relu
                >> Normed(3, 1, 4 * width)
            : Normed(1, 3, width, stride, dilation) >> Relu >> Normed(2, 3, width, 1, dilation);

    private Layer<FeatureMap, FeatureMap> Normed(
        int number,
        int kernel,
        int channels,
        int stride = 1,
        int dilation = 1
    ) =>
        Conv(channels, kernel, stride, dilation, bias: false, padding: Padding(kernel, stride)).Named($"conv{number}")
        >> Norm.Named($"bn{number}");

    private Layer<FeatureMap, FeatureMap> Shortcut(int channels, int stride, bool projected) =>
        projected
            ? (Conv(channels, 1, stride, bias: false).Named("0") >> Norm.Named("1")).Named("downsample")
            : Identity<FeatureMap>();
}
