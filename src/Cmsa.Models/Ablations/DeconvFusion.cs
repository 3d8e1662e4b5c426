using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

namespace Cmsa.Models.Ablations;

/// <summary>
/// Fusion by transposed convolutions, top down (CVPR 2019, table 2, "Deconv"). At the output stride of 8 the three
/// levels are of one size, so nothing is to be enlarged on the way: as between the unpoolings of Noh et al. 2015, the
/// transposed convolutions are 3x3 of stride 1 and keep the size.
/// </summary>
public static class DeconvFusion
{
    /// <summary><c>D^5 = X^5; D^i = relu(X^i + deconv D^(i+1))</c>; the result is D^3.</summary>
    /// <param name="channels">Channels of each level.</param>
    public static Layer<Levels<FeatureMap>, FeatureMap> Of(int channels) =>
        Define<FeatureMap>(x =>
        {
            var d4 = Relu(x[Res4] + Deconv(x[Res5], Res5));
            return Relu(x[Res3] + Deconv(d4, Res4));

            Term<FeatureMap> Deconv(Term<FeatureMap> d, string level) =>
                d >> ConvTranspose(channels, 3, stride: 1, padding: 1).Named($"{level}.deconv");
        });
}
