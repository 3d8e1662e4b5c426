using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Layer normalisation (Ba et al. 2016): at every place, the channels brought to mean 0 and variance 1, times a gain,
/// plus a bias. Parameters: <c>weight</c> and <c>bias</c>, <c>[channel]</c>.
/// </summary>
/// <typeparam name="A">Any kind that has channels.</typeparam>
/// <param name="Epsilon">Added to the variance; positive.</param>
public sealed record LayerNorm<A>(double Epsilon = 1e-5) : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Caption Caption => new("layer norm");

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    public override Option<string> Name => "norm";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Map(x => Moments.Scaled(Moments.Standard(x, [Axis.Channel], Epsilon), scope));
}

/// <summary>Values brought to mean 0 and variance 1 along some axes.</summary>
internal static class Moments
{
    /// <summary><c>(x - mean) / sqrt(variance + epsilon)</c>, with the variance of all elements.</summary>
    public static Node Standard(Node x, Many<Axis> axes, double epsilon)
    {
        if (epsilon < 1e-12)
            return x.With(Error.Misfit($"an epsilon of {epsilon}", "at least 1e-12", "1e-5 is usual"));
        var centred = x - x.Reduce(Reduction.Mean, axes);
        var variance = centred.Map(Function.Square).Reduce(Reduction.Mean, axes);
        return centred * (variance + epsilon).Map(Function.InverseRoot);
    }

    /// <summary>Each channel times its gain, plus its bias: parameters of the layer that stands here.</summary>
    public static Node Scaled(Node x, Scope scope)
    {
        var channels = new Dimension(Axis.Channel, x.Shape[Axis.Channel]);
        var gain = scope.Parameter("weight", new Initializer.Fill(1), Role.Gain, channels);
        return x * gain + scope.Parameter("bias", new Initializer.Fill(0), Role.Bias, channels);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.LayerNorm{A}"/>
    public static Layer<A, A> LayerNorm<A>(double epsilon = 1e-5)
        where A : IKind => new LayerNorm<A>(epsilon);
}
