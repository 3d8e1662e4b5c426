using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The multimodal feature of every place p and word n, <c>f_pn = [v_p / |v_p|, e_n / |e_n|, s_p]</c> (CVPR 2019, equation 1): <c>[C_v, h, w]</c> and
/// <c>[word, C_l]</c> to <c>[word, C_v + C_l + 8, h, w]</c>.
/// </summary>
/// <param name="Positions">Whether the 8 coordinates s_p are there.</param>
public sealed record MultimodalFeature(bool Positions = true) : Layer<(FeatureMap, Words), WordMaps>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var (v, e) = (input.First.Value, input.Second.Value);
        Many<Value> s = Positions ? [new(new Coordinates(v.Shape[Axis.Row], v.Shape[Axis.Column]))] : [];
        return new Signal.Tensor(
            Value.Concat(Axis.Channel, [Normalise.Channels(v), Normalise.Channels(e)] + s),
            input.Second.Present);
    }
}

/// <summary>The channels of two signals of one kind one after the other.</summary>
/// <typeparam name="A">Any kind that has channels.</typeparam>
public sealed record Join<A> : Layer<(A, A), A> where A : IKind
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Signal.Zip(input.First, input.Second, (a, b) => Value.Concat(Axis.Channel, a, b));
}

/// <summary>A feature map with the 8 coordinates s_p of each cell after its channels.</summary>
public sealed record AppendPositions : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Value.Concat(Axis.Channel, input.Value, new Value(new Coordinates(input.Value.Shape[Axis.Row], input.Value.Shape[Axis.Column])));
}
