using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Group normalisation (Wu and He 2018): each group of neighbouring channels of a sample brought to mean 0 and variance
/// 1 over all its places, times a gain, plus a bias. Parameters: <c>weight</c> and <c>bias</c>, <c>[channel]</c>.
/// </summary>
/// <param name="Groups">How many groups; divides the channels.</param>
/// <param name="Epsilon">Added to the variance; positive.</param>
public sealed record GroupNorm(int Groups = 32, double Epsilon = 1e-5) : Layer<FeatureMap, FeatureMap>
{
    private static readonly Axis group = new("group", after: Axis.Word);

    /// <inheritdoc/>
    public override Caption Caption => new("group norm", $"{Groups}");

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    public override Option<string> Name => "norm";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        Node apart = new(new Split(Axis.Channel, group, Groups), input.Node);
        var standard = Moments.Standard(apart, [Axis.Channel, Axis.Row, Axis.Column], Epsilon);
        return Moments.Scaled(new(new Merge(group, Axis.Channel), standard), scope);
    }
}

/// <summary>
/// Instance normalisation (Ulyanov et al. 2016): each channel of a sample brought to mean 0 and variance 1 over all its
/// places. It has no parameters and keeps no statistics.
/// </summary>
/// <param name="Epsilon">Added to the variance; positive.</param>
public sealed record InstanceNorm(double Epsilon = 1e-5) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new("instance norm");

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Moments.Standard(input.Node, [Axis.Row, Axis.Column], Epsilon);
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.GroupNorm"/>
    public static Layer<FeatureMap, FeatureMap> GroupNorm(int groups = 32) => new GroupNorm(groups);

    /// <inheritdoc cref="Layers.InstanceNorm"/>
    public static Layer<FeatureMap, FeatureMap> InstanceNorm(double epsilon = 1e-5) => new InstanceNorm(epsilon);
}
