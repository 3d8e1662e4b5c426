using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Ablations;

/// <summary>
/// What a place-and-word attends to (CVPR 2019, table 3), on Res5 alone. The paper says only that it zeroes out the
/// respective parts of the sum in equation 3; each reading is the one model with its attention replaced.
/// </summary>
public static class Attentions
{
    /// <summary>
    /// No attention: each place-and-word attends to itself alone, so that its value is mapped and added, and nothing
    /// else comes to it.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> None(Sizes s) => With(s, AttentionScope.None);

    /// <summary>Word attention: the words at its place, p' = p.</summary>
    public static Layer<(Image, Tokens), Mask> Words(Sizes s) => With(s, AttentionScope.Words);

    /// <summary>Pixel attention: the places of its word, n' = n.</summary>
    public static Layer<(Image, Tokens), Mask> Pixels(Sizes s) => With(s, AttentionScope.Pixels);

    /// <summary>
    /// Word-pixel pair attention, read as a support: other words at other places, p' != p and n' != n, and itself.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> Pairs(Sizes s) => With(s, AttentionScope.Pairs);

    /// <summary>
    /// Word-pixel pair attention, read as a score: all words at all places, of whose four terms the two between a place
    /// and a word are kept, <c>k_p . q_n' + k_n . q_p'</c>.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> CrossTerms(Sizes s) =>
        Paper.OnRes5(s).Replace<SelfAttention>(a => CrossTermAttention(a.Width, s.WordChannels));

    /// <summary>Cross-modal self-attention: all words at all places, the paper's own.</summary>
    public static Layer<(Image, Tokens), Mask> All(Sizes s) => With(s, AttentionScope.All);

    private static Layer<(Image, Tokens), Mask> With(Sizes s, AttentionScope over) =>
        Paper.OnRes5(s).Replace<SelfAttention>(a => a with { Over = over });
}
