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

    /// <summary>
    /// RMI-LSTM as the public code of Liu et al. 2017 computes it: v reduced to as many channels as a word has, words
    /// unscaled and only the state h_n scaled to length 1, both forget gates biased by 1, and after the last word
    /// <c>y = 0.5 (log(1.001 + h) - log(1.001 - h))</c>, relu and a 1x1 score.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> RmiLstmAsCited(Sizes s) =>
        Paper
            .OnRes5(s)
            .Replace<Embedding>(e =>
                e >> Concat(Identity<Words>(), Lstm<Words>(s.WordChannels, forgetBias: 1) >> Normalise<Words>())
            )
            .Replace(
                "*",
                Reduced(s) * Identity<Words>()
                    >> new MultimodalFeature(ScaledWords: false)
                    >> Lstm<WordMaps>(s.FusedChannels, forgetBias: 1)
                    >> LastMap
                    >> Arctanh
                    >> Relu
            )
            .Replace("mask", Conv(1, 1).Named("mask"));

    /// <summary>
    /// RRN's sentence model as the public code of Li et al. 2018 computes it: as <see cref="RrnCnn"/>, with v reduced to
    /// as many channels as the sentence has and a forget gate biased by 1.
    /// </summary>
    public static Layer<(Image, Tokens), Mask> RrnCnnAsCited(Sizes s) =>
        Paper
            .OnRes5(s)
            .Replace<Embedding>(e => e >> Lstm<Words>(s.WordChannels, forgetBias: 1) >> LastWord >> AsWord)
            .Replace(
                "*",
                Reduced(s) * Identity<Words>() >> Multimodal >> WordMean >> Conv(s.FusedChannels, 1) >> Relu
            );

    // v with as many channels as a word has, as both public codes have it.
    private static Layer<FeatureMap, FeatureMap> Reduced(Sizes s) => Conv(s.WordChannels, 1).Named("reduce");

    // Near arctanh, and finite where |h| is 1.
    private static Layer<FeatureMap, FeatureMap> Arctanh { get; } =
        Define<FeatureMap, FeatureMap>(h => 0.5 * (Ln(1.001 + h) - Ln(1.001 - h)));

    private static Layer<Words, Sentence> Sentence(Sizes s) => Lstm<Words>(s.WordChannels) >> LastWord;
}
