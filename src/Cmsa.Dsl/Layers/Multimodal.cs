using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The multimodal feature of every place p and word n, <c>f_pn = [v_p / |v_p|, e_n / |e_n|, s_p]</c> (CVPR 2019,
/// equation 1): <c>[C_v, h, w]</c> and <c>[word, C_l]</c> to <c>[word, C_v + C_l + 8, h, w]</c>.
/// </summary>
/// <param name="Positions">Whether the 8 coordinates s_p are there.</param>
/// <param name="ScaledWords">Whether words are scaled to length 1; the LSTM of Liu et al. 2017 reads them as they are.</param>
public sealed record MultimodalFeature(bool Positions = true, bool ScaledWords = true) : Layer<(FeatureMap, Words), WordMaps>
{
    /// <inheritdoc/>
    public override Caption Caption => new("multimodal feature", Positions ? "[v, e, s]" : "[v, e]");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var (v, e) = (input.First.Node, input.Second.Node);
        Many<Node> s = Positions ? [new(new Coordinates(v.Shape[Axis.Row], v.Shape[Axis.Column]))] : [];
        return new Signal.Tensor(
            Node.Concat(Axis.Channel, [Normalise.Channels(v), ScaledWords ? Normalise.Channels(e) : e] + s),
            input.Second.Present
        );
    }
}

/// <summary>The channels of two signals of one kind one after the other.</summary>
/// <typeparam name="A">Any kind that has channels.</typeparam>
public sealed record Join<A> : Layer<(A, A), A>
    where A : IKind
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Signal.Zip(input.First, input.Second, (a, b) => Node.Concat(Axis.Channel, a, b));
}

/// <summary>A feature map with the 8 coordinates s_p of each cell after its channels.</summary>
public sealed record AppendPositions : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Node.Concat(
            Axis.Channel,
            input.Node,
            new Node(new Coordinates(input.Node.Shape[Axis.Row], input.Node.Shape[Axis.Column]))
        );
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.MultimodalFeature"/>
    public static Layer<(FeatureMap, Words), WordMaps> Multimodal { get; } = new MultimodalFeature();

    /// <inheritdoc cref="Layers.Join{A}"/>
    public static Layer<(A, A), A> Join<A>()
        where A : IKind => new Join<A>();

    /// <summary>What several layers make of one argument, channels after channels.</summary>
    public static Layer<A, B> Concat<A, B>(params Many<Layer<A, B>> parts)
        where B : IKind => parts.Tail.Fold(parts.Head, (joined, next) => (joined & next) >> new Join<B>());

    /// <inheritdoc cref="Layers.AppendPositions"/>
    public static Layer<FeatureMap, FeatureMap> WithPositions { get; } = new AppendPositions();
}
