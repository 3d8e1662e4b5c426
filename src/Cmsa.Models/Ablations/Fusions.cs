using Cmsa.Dsl;

namespace Cmsa.Models.Ablations;

/// <summary>
/// How the levels become one feature map (CVPR 2019, second part of table 2): the paper's model with its fusion
/// replaced. All levels are of one size and of <see cref="Sizes.FusedChannels"/> channels.
/// </summary>
public static class Fusions
{
    /// <summary>Top down through transposed convolutions: <see cref="DeconvFusion"/>.</summary>
    public static Layer<(Image, Tokens), Mask> Deconv(Sizes s) => With(s, DeconvFusion.Of(s.FusedChannels));

    /// <summary>Pyramid pooling: <see cref="PyramidFusion"/>.</summary>
    public static Layer<(Image, Tokens), Mask> Ppm(Sizes s) => With(s, PyramidFusion.Of(s.FusedChannels));

    /// <summary>Pyramid pooling with all of its parts: <see cref="PyramidFusion.AsCited"/>.</summary>
    public static Layer<(Image, Tokens), Mask> PpmAsCited(Sizes s) => With(s, PyramidFusion.AsCited(s.FusedChannels));

    /// <summary>The cell of RRN's code over the levels: <see cref="ConvLstmFusion.AsCited"/>.</summary>
    public static Layer<(Image, Tokens), Mask> ConvLstmAsCited(Sizes s) => With(s, ConvLstmFusion.AsCited(s.FusedChannels));

    /// <summary>A convolutional LSTM over the levels: <see cref="ConvLstmFusion"/>.</summary>
    public static Layer<(Image, Tokens), Mask> ConvLstm(Sizes s) => With(s, ConvLstmFusion.Of(s.FusedChannels));

    /// <summary>Each level times its own gate: <see cref="SelfGatedFusion"/>.</summary>
    public static Layer<(Image, Tokens), Mask> Gated(Sizes s) => With(s, SelfGatedFusion.Layer);

    /// <summary>The paper's gated fusion, equations 6 to 8: <see cref="Paper.GatedFusion"/>.</summary>
    public static Layer<(Image, Tokens), Mask> Gf(Sizes s) => With(s, Paper.GatedFusion);

    private static Layer<(Image, Tokens), Mask> With(Sizes s, Layer<Levels<FeatureMap>, FeatureMap> fusion) =>
        Paper.Model(s).Replace("fusion", fusion);
}
