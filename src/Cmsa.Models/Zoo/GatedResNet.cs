using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// Residual networks with a gate at the end of every block's body: <i>Squeeze-and-Excitation Networks</i> (Hu et al.
/// 2018) and <i>CBAM: Convolutional Block Attention Module</i> (Woo et al. 2018). Each is a ResNet with a part
/// replaced.
/// </summary>
public static class GatedResNet
{
    /// <summary>The classifier with a squeeze and excitation a block.</summary>
    public static Layer<Image, Vector> SqueezeExcitation(ResNet network, int classes) =>
        Gated(network, classes, channels => SqueezeExcite(channels).Named("se"));

    /// <summary>The classifier with a CBAM a block.</summary>
    public static Layer<Image, Vector> Cbam(ResNet network, int classes) =>
        Gated(network, classes, channels => (ChannelGate(channels) >> SpatialGate).Named("cbam"));

    /// <summary>Each channel times what its mean and its greatest, through one perceptron, say of it.</summary>
    public static Layer<FeatureMap, FeatureMap> ChannelGate(int channels)
    {
        var inner = Linear<Vector>(Math.Max(1, channels / 16)).Named("fc1") >> Relu;
        var perceptron = (inner >> Linear<Vector>(channels).Named("fc2")).Named("channel");
        return Define<FeatureMap, FeatureMap>(x =>
            x * (((x >> GlobalAverage >> perceptron) + (x >> GlobalMax >> perceptron)) >> Sigmoid)
        );
    }

    /// <summary>
    /// Each place times what the mean and the greatest of its channels, and of those around it, say of it.
    /// </summary>
    public static Layer<FeatureMap, FeatureMap> SpatialGate { get; } =
        Define<FeatureMap, FeatureMap>(x =>
            x * (x >> Concat(ChannelMean, ChannelMax) >> Sevens.Named("spatial") >> Sigmoid)
        );

    private static Layer<FeatureMap, FeatureMap> Sevens =>
        Conv(1, 7, bias: false).Named("conv") >> BatchNorm().Named("norm");

    // The last batch norm of a block ends its body.
    private static Layer<Image, Vector> Gated(ResNet network, int classes, Gate gate)
    {
        var (last, widening) = network.Bottleneck ? (".bn3", 4) : (".bn2", 1);
        return Many.Range(network.Blocks.Count)
            .Fold(
                network.Classifier(classes),
                (model, stage) =>
                    model.Replace(
                        p => p.Path.StartsWith($"layer{stage + 1}.", Ordinal) && p.Path.EndsWith(last, Ordinal),
                        norm => (Layer<FeatureMap, FeatureMap>)norm >> gate((network.Width << stage) * widening)
                    )
            );
    }

    private delegate Layer<FeatureMap, FeatureMap> Gate(int channels);

    private const StringComparison Ordinal = StringComparison.Ordinal;
}
