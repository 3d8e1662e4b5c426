using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>Vision-Language Transformer and Query Generation for Referring Segmentation</i> (Ding et al. 2021), in short: the
/// words that the picture lets matter become queries, a decoder lets them ask the picture, and each answer counts by a
/// confidence of its own. One level of a convolutional network sees, where the paper has three.
/// </summary>
/// <param name="Width">Channels.</param>
/// <param name="Heads">Heads of each attention.</param>
/// <param name="Layers">Layers of the encoder and of the decoder.</param>
public sealed record Vlt(int Width = 256, int Heads = 8, int Layers = 2)
{
    /// <summary>One thin enough for a laptop.</summary>
    public static Vlt Small { get; } = new(32, 4);

    /// <summary>The model.</summary>
    /// <param name="s">The backbone, the picture's and the vocabulary's size.</param>
    public Layer<(Image, Tokens), Mask> Model(Sizes s) =>
        See(s) * Read(s.Vocabulary).Named("text")
        >> Transformer.Named("transformer")
        >> Conv(1, 3).Named("mask")
        >> Upsample(s.Image);

    private Layer<Image, FeatureMap> See(Sizes s) =>
        Paper.Backbone(s, DeepLab.Res5) >> Pick(DeepLab.Res5) >> Conv(Width, 1).Named("project");

    private Layer<Tokens, Words> Read(int vocabulary) => Embedding(vocabulary, Width) >> Lstm<Words>(Width);

    private Layer<(FeatureMap, Words), FeatureMap> Transformer =>
        Define<FeatureMap, Words, FeatureMap>(
            (v, words) =>
            {
                // Early fusion with the whole sentence, then the encoder over all places.
                var fused = v * (words >> SentenceMean) >> Conv(Width, 1).Named("fuse") >> Relu;
                var memory = fused >> SinusoidalPositions<FeatureMap>() >> Encoder.Named("encoder");
                // Queries: what each word sees in the picture. Answers: what the memory says to them, balanced.
                var queries = (words, v) >> MultiHeadAttention<Words, FeatureMap>(Width, Heads).Named("queries");
                var answers = Many.Range(Layers).Fold(queries, (q, i) => (q, memory) >> Decoder.Named($"decoder.{i}"));
                var balanced = answers * (answers >> Linear<Words>(Width).Named("confidence") >> Sigmoid);
                return memory
                    + ((memory, balanced) >> MultiHeadAttention<FeatureMap, Words>(Width, Heads).Named("mask"));
            }
        );

    private Layer<FeatureMap, FeatureMap> Encoder =>
        Blocks.Stack(Layers, TransformerEncoder<FeatureMap>(Width, Heads, 4 * Width));

    private Layer<(Words, FeatureMap), Words> Decoder => TransformerDecoder<Words, FeatureMap>(Width, Heads, 4 * Width);
}
