using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Ablations;

/// <summary>
/// How words and picture become one feature map (CVPR 2019, first part of table 2), on Res5 alone. Each is the paper's
/// model with its words, what it makes of a level (<c>*</c>), or both replaced.
/// </summary>
public static class Representations
{
    /// <summary>
    /// RMI-LSTM (Liu et al. 2017): a multimodal LSTM reads <c>[v, e_n, h_n, s]</c> word by word at every place with the
    /// same weights, h_n being the state of an LSTM over the words; its map after the last word is X. Here v and
    /// <c>[e_n, h_n]</c> are scaled to length 1, as in equation 1.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> RmiLstm(Sizes s) =>
        Paper
            .OnRes5(s)
            .Replace<Embedding>(e => e >> Concat(Identity<Words>(), Lstm<Words>(s.WordChannels)))
            .Replace("*", Multimodal >> Lstm<WordMaps>(s.FusedChannels) >> LastMap);

    /// <summary>
    /// RRN-CNN (Li et al. 2018, without its refinement): the vector of an LSTM over the sentence at every place beside
    /// v and s, and a convolution. It is <see cref="CmsaS"/> without the attention.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> RrnCnn(Sizes s) =>
        Paper
            .OnRes5(s)
            .Replace<Embedding>(e => e >> Sentence(s) >> AsWord)
            .Replace("*", Multimodal >> WordMean >> Conv(s.FusedChannels, 1) >> Relu);

    /// <summary>
    /// CMSA-S: the paper's attention with one vector of an LSTM over the sentence in the words' place, N = 1.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> CmsaS(Sizes s) =>
        Paper.OnRes5(s).Replace<Embedding>(e => e >> Sentence(s) >> AsWord);

    /// <summary>CMSA-W: the paper's attention over places and words.</summary>
    public static Layer<(Image, Tokens), Mask> CmsaW(Sizes s) => Paper.OnRes5(s);

    private static Layer<Words, Sentence> Sentence(Sizes s) => Lstm<Words>(s.WordChannels) >> LastWord;
}
