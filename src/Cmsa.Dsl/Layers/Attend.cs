using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Scaled dot-product attention (Vaswani et al. 2017) without parameters: every place of the queries gets the mean of
/// the values under <c>softmax(q . k / sqrt(d))</c> over all places of the keys. Words that are padding take no part.
/// Its argument is the queries, and a pair of keys and values. Probe: <c>weights</c>.
/// </summary>
/// <typeparam name="A">The kind of the queries and of the result.</typeparam>
/// <typeparam name="B">The kind of the keys and values, of one size.</typeparam>
/// <param name="Heads">How many heads share the channels; divides those of the queries, keys and values.</param>
public sealed record Attend<A, B>(int Heads = 1) : Layer<(A, (B, B)), A>
    where A : IKind
    where B : IKind
{
    /// <inheritdoc/>
    public override Caption Caption => new("attend", $"{Heads} heads");

    /// <inheritdoc/>
    public override Option<string> Name => "attend";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var (queries, keys, values) = (input.First.Node, input.Second.First, input.Second.Second.Node);
        var width = queries.Shape[Axis.Channel];
        if (Heads < 1 || width % Heads != 0)
            return new Signal.Tensor(
                queries.With(
                    Error.Misfit(
                        $"{width} channels for {Heads} heads",
                        "as many for each",
                        "choose heads that divide them"
                    )
                ),
                input.First.Present
            );
        var places = B.Axes.Filter(a => a != Axis.Channel);
        var far = places.Map(a => a.Prime);
        var near = Attention.Split(queries * (1 / Math.Sqrt(width / Heads)), Heads);
        var scores = near.Contract(Attention.Split(keys.Node.Prime(places), Heads), [Axis.Channel]);
        var weights = scope.Probed(scores.Softmax(far, keys.Present.Map(p => p.Prime(places))), "weights");
        var attended = weights.Contract(Attention.Split(values.Prime(places), Heads), far);
        return new Signal.Tensor(Attention.Merge(attended, Heads), input.First.Present);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Attend{A, B}"/>
    public static Layer<(A, (B, B)), A> Attend<A, B>(int heads = 1)
        where A : IKind
        where B : IKind => new Attend<A, B>(heads);

    /// <summary>
    /// Multi-head cross-attention (Vaswani et al. 2017): the first of a pair attends to the second. Its linear maps are
    /// <c>query</c>, <c>key</c>, <c>value</c> and <c>output</c>, each replaced by its path as any layer is.
    /// </summary>
    /// <param name="width">Channels of queries, keys, values and of the result.</param>
    /// <param name="heads">How many heads share them.</param>
    public static Layer<(A, B), A> MultiHeadAttention<A, B>(int width, int heads)
        where A : IKind
        where B : IKind =>
        (Linear<A>(width).Named("query") * (Linear<B>(width).Named("key") & Linear<B>(width).Named("value")))
        >> Attend<A, B>(heads)
        >> Linear<A>(width).Named("output");

    /// <summary>Multi-head self-attention: a signal attends to itself.</summary>
    /// <inheritdoc cref="MultiHeadAttention{A, B}(int, int)"/>
    public static Layer<A, A> MultiHeadAttention<A>(int width, int heads)
        where A : IKind => (Identity<A>() & Identity<A>()) >> MultiHeadAttention<A, A>(width, heads);
}
