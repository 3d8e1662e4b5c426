using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Each channel times a learnt gain that starts small, so that a deep residual network begins as the identity (Touvron
/// et al. 2021). Parameter: <c>gain [channel]</c>.
/// </summary>
/// <typeparam name="A">Any kind that has channels.</typeparam>
/// <param name="Initial">The gains before training.</param>
public sealed record LayerScale<A>(double Initial = 1e-6) : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    public override Option<string> Name => "layer_scale";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Map(x =>
        {
            var channels = new Dimension(Axis.Channel, x.Shape[Axis.Channel]);
            return x * scope.Parameter("gain", new Initializer.Fill(Initial), Role.Gain, channels);
        });
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.LayerScale{A}"/>
    public static Layer<A, A> LayerScale<A>(double initial = 1e-6)
        where A : IKind => new LayerScale<A>(initial);
}
