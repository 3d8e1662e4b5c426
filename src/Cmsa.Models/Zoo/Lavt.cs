using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>LAVT: Language-Aware Vision Transformer for Referring Image Segmentation</i> (Yang et al. 2022) on a plain vision
/// transformer of one resolution, where the paper has Swin, and with a small transformer of its own for the words,
/// where it has BERT: the words enter between the stages of the encoder.
/// </summary>
/// <param name="Vision">The encoder of the picture.</param>
/// <param name="Stages">How many stages it has; divides its depth.</param>
public sealed record Lavt(VisionTransformer Vision, int Stages = 4)
{
    /// <summary>On the small vision transformer of patches of 16 pixels.</summary>
    public static Lavt S16 { get; } = new(VisionTransformer.S16);

    /// <summary>One thin enough for a laptop.</summary>
    public static Lavt Small { get; } = new(new VisionTransformer(48, 4, 4, Patch: 8));

    private int Width => Vision.Width;

    /// <summary>A picture of <c>size x size</c> pixels and an expression to the logits of the mask.</summary>
    public Layer<(Image, Tokens), Mask> Model(int size, int vocabulary) =>
        See.Named("image") * Read(vocabulary).Named("text")
        >> Stack.Named("stages")
        >> LayerNorm<Patches>().Named("norm")
        >> Unflatten(size / Vision.Patch)
        >> Conv(1, 1).Named("mask")
        >> Upsample(size);

    private Layer<Image, Patches> See =>
        Pixels >> PatchEmbedding(Width, Vision.Patch) >> LearntPositions<Patches>().Named("positions");

    private Layer<Tokens, Words> Read(int vocabulary) =>
        Embedding(vocabulary, Width)
        >> SinusoidalPositions<Words>()
        >> Blocks.Stack(2, Encoder<Words>()).Named("layers");

    // Each stage: layers of the encoder, then v + gate(f) f for what the words add at each place.
    private Layer<(Patches, Words), Patches> Stack =>
        Define<Patches, Words, Patches>(
            (v, words) =>
                Many.Range(Stages)
                    .Fold(v, (seen, i) => (seen >> Deeper.Named($"{i}.encoder"), words) >> WithLanguage.Named($"{i}"))
        );

    private Layer<Patches, Patches> Deeper => Blocks.Stack(Vision.Depth / Stages, Encoder<Patches>());

    private Layer<(Patches, Words), Patches> WithLanguage =>
        Define<Patches, Words, Patches>(
            (v, words) =>
            {
                var said = (v, words) >> MultiHeadAttention<Patches, Words>(Width, 1).Named("attention");
                var seen = v >> Linear<Patches>(Width).Named("project") >> Gelu;
                var f = seen * said >> Linear<Patches>(Width).Named("fuse") >> Gelu;
                return v + (f >> Perceptron<Patches>(Width, Width).Named("gate") >> Tanh) * f;
            }
        );

    private Layer<A, A> Encoder<A>()
        where A : IKind => TransformerEncoder<A>(Width, Vision.Heads, 4 * Width);
}
