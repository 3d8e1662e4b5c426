using Cmsa.Dsl.Programs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// Batch normalisation of a feature map's channels. Parameters: <c>weight</c>, <c>bias</c>; statistics: <c>running_mean</c>, <c>running_var</c>; all <c>[channel]</c>.
/// </summary>
/// <param name="Fixed">Whether training leaves the statistics as they are and uses them, as with a pretrained backbone.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">The share of a new batch in the statistics.</param>
public sealed record BatchNorm(bool Fixed = false, double Epsilon = 1e-5, double Momentum = 0.1) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Option<string> Name => "norm";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var channels = new Dimension(Axis.Channel, input.Value.Shape[Axis.Channel]);
        return new Value(new NormaliseBatch(Epsilon, Momentum, Fixed), input.Value,
            scope.Parameter("weight", new Start.Fill(1), Role.Gain, channels),
            scope.Parameter("bias", new Start.Fill(0), Role.Bias, channels),
            scope.Parameter("running_mean", new Start.Fill(0), Role.Statistic, channels),
            scope.Parameter("running_var", new Start.Fill(1), Role.Statistic, channels));
    }
}
