using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

namespace Cmsa.Models;

/// <summary>
/// <i>Cross-Modal Self-Attention Network for Referring Image Segmentation</i> (Ye, Rochan, Liu, Wang; CVPR 2019).
/// Axes: p is a place (row, column), n a word, i a level of the backbone.
/// </summary>
public static class Paper
{
    /// <summary>The model as the paper's equations give it.</summary>
    // csharpier-ignore
    public static Layer<(Image, Tokens), Mask> Model(Sizes s) =>
        Backbone(s) * Embedding(s.Vocabulary, s.WordChannels)
        >> EachLevel(
               Multimodal                                                    // f_pn = [v/|v|, e/|e|, s_p]   eq. 1
               >> Residual(SelfAttention(s.Attention, AttentionScope.All))   //                              eq. 2-4
               >> WordMean
               >> Conv(s.FusedChannels, 1) >> Relu)                          // X^i
        >> GatedFusion.Named("fusion")                                       //                              eq. 6-8
        >> Conv(1, 3).Named("mask") >> Upsample(s.Image);                    // logits of P                  eq. 9

    /// <summary>
    /// The model on Res5 alone: no fusion, and nothing of the other levels is computed (the first part of table 2, and
    /// table 3).
    /// </summary>
    public static Layer<(Image, Tokens), Mask> OnRes5(Sizes s) => Model(s).Replace("fusion", Pick(Res5));

    /// <summary>
    /// The gated fusion of the levels: what each remembers of itself and takes from the others (equations 6 to 8).
    /// </summary>
    public static Layer<Levels<FeatureMap>, FeatureMap> GatedFusion { get; } =
        Define<FeatureMap>(x =>
        {
            var m = x.Each(Conv(1, 3) >> Sigmoid, "memory");
            var r = x.Each(Conv(1, 3) >> Sigmoid, "reset");
            return x.Sum(i =>
            {
                var g = (1 - m[i]) * x[i] + x.Others(i).Sum(j => Learnable("gamma") * m[j] * x[j]);
                return r[i] * Tanh(g) + (1 - r[i]) * x[i];
            });
        });

    /// <summary>
    /// The backbone: in DeepLab's manner and fixed, or, where all of it is trained, with the stride and the norms that
    /// it has itself.
    /// </summary>
    /// <param name="s">The sizes.</param>
    /// <param name="taps">The levels given out; all three if none is named.</param>
    public static Layer<Image, Levels<FeatureMap>> Backbone(Sizes s, params Many<string> taps) =>
        taps.IsEmpty ? Backbone(s, Res3, Res4, Res5)
        : s.FixedBackbone ? Of(s.Backbone, taps).Frozen()
        : s.Backbone.Tapped(taps).Named("backbone");
}
