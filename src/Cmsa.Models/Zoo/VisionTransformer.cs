using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>An Image is Worth 16x16 Words</i> (Dosovitskiy et al. 2021): a transformer's encoder over the patches of a
/// picture.
/// </summary>
/// <param name="Width">Channels.</param>
/// <param name="Depth">Layers of the encoder.</param>
/// <param name="Heads">Heads of each attention.</param>
/// <param name="Patch">A patch's side, in pixels; divides the picture's.</param>
public sealed record VisionTransformer(int Width, int Depth, int Heads, int Patch = 16)
{
    /// <summary>ViT-B/16.</summary>
    public static VisionTransformer B16 { get; } = new(768, 12, 12);

    /// <summary>ViT-S/16, of DeiT's small size.</summary>
    public static VisionTransformer S16 { get; } = new(384, 12, 6);

    /// <summary>The classifier: <c>[3, h, w]</c> to scores of classes.</summary>
    public Layer<Image, Vector> Classifier(int classes) =>
        Pixels
        >> PatchEmbedding(Width, Patch).Named("conv_proj")
        >> ClassToken.Named("class")
        >> LearntPositions<Patches>().Named("pos_embedding")
        >> Encoder.Named("encoder")
        >> FirstPatch
        >> Linear<Vector>(classes).Named("head");

    /// <summary>
    /// The patches of a picture, each knowing of all others: <c>[3, h, w]</c> to <c>[patch, Width]</c>.
    /// </summary>
    public Layer<Image, Patches> Body =>
        Pixels
        >> PatchEmbedding(Width, Patch).Named("conv_proj")
        >> LearntPositions<Patches>().Named("pos_embedding")
        >> Encoder.Named("encoder");

    private Layer<Patches, Patches> Encoder =>
        Blocks.Stack(Depth, TransformerEncoder<Patches>(Width, Heads, 4 * Width, 1e-6)).Named("layers")
        >> LayerNorm<Patches>(1e-6).Named("ln");
}
