using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

namespace Cmsa.Models;

/// <summary>
/// The model as the authors' released TensorFlow graph computes it, where that differs from the paper's equations:
/// narrower lower levels, attention with relu and pooled keys, gates of every channel; TensorFlow's one-sided padding,
/// epsilon of batch norms and enlarging of the scores.
/// </summary>
public static class Released
{
    /// <summary>The whole graph.</summary>
    // csharpier-ignore
    public static Layer<(Image, Tokens), Mask> Model(Sizes s) =>
        Paper.Backbone(InTensorFlow(s)) * Embedding(s.Vocabulary, s.WordChannels)
        >> EachLevel(
               Level(s, s.Attention, narrow: 0),
               (Res5, Conv(s.WordChannels, 1).Named("reduce") * Identity<Words>() >> Level(s, s.Attention, narrow: 0)),
               (Res4, Level(s, s.Attention / 4, narrow: s.Attention / 2)),
               (Res3, Level(s, s.Attention / 8, narrow: s.Attention / 4)))
        >> GatedFusion(s.FusedChannels).Named("fusion")
        >> Conv(1, 3).Named("mask") >> Upsample(s.Image, Alignment.Asymmetric);

    // The pictures' network as the released code has it.
    private static Sizes InTensorFlow(Sizes s) =>
        s with
        {
            Backbone = s.Backbone with { Variant = ResNetVariant.TensorFlow },
        };

    // One level: f_pn, narrowed or not, attended to, averaged over the words, and made X^i.
    private static Layer<(FeatureMap, Words), FeatureMap> Level(Sizes s, int attention, int narrow) =>
        Multimodal
        >> (narrow == 0 ? Identity<WordMaps>() : EachWord((Conv(narrow, 1) >> Relu).Named("narrow")))
        >> Residual(PooledAttention(attention))
        >> WordMean
        >> Conv(s.FusedChannels, 1)
        >> Relu;

    /// <summary>
    /// The fusion of the released graph. One convolution of X^i gives an update u, a forget gate f and a reset gate r,
    /// each of all channels; the other two levels, the higher one first, are mixed by a learnt number a.
    /// </summary>
    /// <param name="channels">Channels of each level.</param>
    public static Layer<Levels<FeatureMap>, FeatureMap> GatedFusion(int channels) =>
        Define<FeatureMap>(x =>
        {
            return Fused(Res3, Res5, Res4) + Fused(Res4, Res5, Res3) + Fused(Res5, Res4, Res3);

            Term<FeatureMap> Fused(string i, string j, string k)
            {
                var gates = x[i] >> Conv(3 * channels, 3).Named($"{i}.gates");
                var u = gates >> Chunk(0, 3);
                var f = Sigmoid((gates >> Chunk(1, 3)) + 1);
                var r = Sigmoid((gates >> Chunk(2, 3)) + 1);
                var a = Learnable($"{i}.mix", 0.5);
                var c = a * f * x[j] + (1 - a) * f * x[k] + (1 - f) * u;
                return r * Tanh(c) + (1 - r) * x[i];
            }
        });
}
