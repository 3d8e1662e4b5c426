using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Ablations;

/// <summary>
/// Self-gated fusion (CVPR 2019, table 2, "Gated"): each level times its own memory gate of equation 6, summed; no
/// level sees another.
/// </summary>
public static class SelfGatedFusion
{
    /// <summary><c>sum_i m^i X^i</c>: levels <c>[channel, row, column]</c> of one size to one such map.</summary>
    public static Layer<Levels<FeatureMap>, FeatureMap> Layer { get; } =
        Define<FeatureMap>(x =>
        {
            var m = x.Each(Conv(1, 3) >> Sigmoid, "memory");
            return x.Sum(i => m[i] * x[i]);
        });
}
