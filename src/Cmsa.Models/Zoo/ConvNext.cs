using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>A ConvNet for the 2020s</i> (Liu et al. 2022): a residual network built like a transformer.
/// </summary>
/// <param name="Blocks">Blocks of each stage.</param>
/// <param name="Widths">Channels of each stage.</param>
/// <param name="Dropped">How often a block's body is dropped in training.</param>
public sealed record ConvNext(Many<int> Blocks, Many<int> Widths, double Dropped = 0.1)
{
    /// <summary>ConvNeXt-T.</summary>
    public static ConvNext Tiny { get; } = new([3, 3, 9, 3], [96, 192, 384, 768]);

    /// <summary>ConvNeXt-S.</summary>
    public static ConvNext Small { get; } = new([3, 3, 27, 3], [96, 192, 384, 768], 0.4);

    /// <summary>The classifier: <c>[3, h, w]</c> to scores of classes.</summary>
    public Layer<Image, Vector> Classifier(int classes) =>
        Body >> GlobalAverage >> LayerNorm<Vector>(1e-6).Named("norm") >> Linear<Vector>(classes).Named("head");

    /// <summary>The map of the last stage: <c>[3, h, w]</c> to <c>[channel, h / 32, w / 32]</c>.</summary>
    public Layer<Image, FeatureMap> Body =>
        Many.Range(Blocks.Count)
            .Fold(
                (Pixels >> Shrunk(4, Widths[0]) >> Norm.Named("norm")).Named("stem"),
                (body, i) =>
                    body
                    >> (i == 0 ? Stage(i) : Norm.Named("norm") >> Shrunk(2, Widths[i]) >> Stage(i)).Named($"stage{i}")
            );

    private Layer<FeatureMap, FeatureMap> Stage(int i) => Zoo.Blocks.Stack(Blocks[i], Block(Widths[i])).Named("blocks");

    private Layer<FeatureMap, FeatureMap> Block(int width) =>
        Residual(
            Conv(width, 7, groups: width).Named("depthwise")
                >> Norm.Named("norm")
                >> Perceptron<FeatureMap>(4 * width, width).Named("mlp")
                >> LayerScale<FeatureMap>(1e-6).Named("scale")
                >> DropPath<FeatureMap>(Dropped)
        );

    private static Layer<FeatureMap, FeatureMap> Shrunk(int times, int channels) =>
        Conv(channels, times, times, padding: AutoPad.Valid).Named("shrink");

    private static Layer<FeatureMap, FeatureMap> Norm { get; } = LayerNorm<FeatureMap>(1e-6);
}
