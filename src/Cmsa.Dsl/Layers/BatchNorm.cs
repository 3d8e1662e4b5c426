using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Batch normalisation of a feature map's channels. Parameters: <c>weight</c>, <c>bias</c>; statistics:
/// <c>running_mean</c>, <c>running_var</c>; all <c>[channel]</c>.
/// </summary>
/// <param name="Fixed">
/// Whether training leaves the statistics as they are and uses them, as with a pretrained backbone; so it does in a
/// frozen layer.
/// </param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">The share of a new batch in the statistics.</param>
public sealed record BatchNorm(bool Fixed = false, double Epsilon = 1e-5, double Momentum = 0.1)
    : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new("norm");

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    public override Option<string> Name => "norm";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var channels = new Dimension(Axis.Channel, input.Node.Shape[Axis.Channel]);
        return new Node(
            new NormaliseBatch(Epsilon, Momentum, Fixed || scope.IsFrozen),
            input.Node,
            scope.Parameter("weight", new Initializer.Fill(1), Role.Gain, channels),
            scope.Parameter("bias", new Initializer.Fill(0), Role.Bias, channels),
            scope.Parameter("running_mean", new Initializer.Fill(0), Role.Statistic, channels),
            scope.Parameter("running_var", new Initializer.Fill(1), Role.Statistic, channels)
        );
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.BatchNorm"/>
    public static Layer<FeatureMap, FeatureMap> BatchNorm(bool frozen = false) => new BatchNorm(frozen);
}
