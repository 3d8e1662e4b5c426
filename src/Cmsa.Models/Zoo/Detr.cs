using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>End-to-End Object Detection with Transformers</i> (Carion et al. 2020), normed before its parts: learnt queries
/// ask the picture, and each gives the scores of the classes and a box. Positions are added once, at the encoder's
/// start, where the paper adds them in each attention.
/// </summary>
/// <param name="Network">The backbone.</param>
/// <param name="Width">Channels of the transformer; a multiple of 4.</param>
/// <param name="Heads">Heads of each attention.</param>
/// <param name="Layers">Layers of the encoder and of the decoder.</param>
public sealed record Detr(ResNet Network, int Width = 256, int Heads = 8, int Layers = 6)
{
    /// <summary>
    /// Scores <c>[query, classes + 1]</c>, the last class being none, and boxes <c>[query, 4]</c>: centre, width and
    /// height as shares of the picture.
    /// </summary>
    /// <param name="queries">How many objects at most.</param>
    /// <param name="classes">How many classes.</param>
    public Layer<Image, (Patches, Patches)> Model(int queries, int classes) =>
        Memory
        >> Asked(queries).Named("decoder")
        >> (Linear<Patches>(classes + 1).Named("class_embed") & Box.Named("bbox_embed"));

    private Layer<Image, FeatureMap> Memory =>
        Network.Tapped("res5").Named("backbone")
        >> Pick("res5")
        >> Conv(Width, 1).Named("input_proj")
        >> SinusoidalPositions<FeatureMap>()
        >> Blocks.Stack(Layers, TransformerEncoder<FeatureMap>(Width, Heads, 8 * Width)).Named("encoder")
        >> LayerNorm<FeatureMap>().Named("norm");

    private Layer<FeatureMap, Patches> Asked(int queries) =>
        Define<FeatureMap, Patches>(memory =>
        {
            var asked = memory >> Queries<FeatureMap>(queries, Width);
            var answered = Many.Range(Layers).Fold(asked, (q, i) => (q, memory) >> Decoder.Named($"layers.{i}"));
            return answered >> LayerNorm<Patches>().Named("norm");
        });

    private Layer<(Patches, FeatureMap), Patches> Decoder =>
        TransformerDecoder<Patches, FeatureMap>(Width, Heads, 8 * Width);

    private Layer<Patches, Patches> Box =>
        Linear<Patches>(Width).Named("0")
        >> Relu
        >> Linear<Patches>(Width).Named("1")
        >> Relu
        >> Linear<Patches>(4).Named("2")
        >> Sigmoid;
}
