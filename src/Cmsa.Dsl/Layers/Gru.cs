using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A gated recurrent unit over the words, first to last, skipping padding; over <see cref="WordMaps"/> it runs at every
/// place with the same weights. The result is the hidden state after each word. Parameters as PyTorch names them:
/// <c>weight_ih [3 Hidden, in]</c>, <c>weight_hh [3 Hidden, Hidden]</c>, <c>bias_ih</c>, <c>bias_hh</c>; gates in the
/// order reset, update, new. Cho et al. 2014.
/// </summary>
/// <typeparam name="A">Words or WordMaps.</typeparam>
/// <param name="Hidden">Channels of the state.</param>
/// <param name="ResetAfter">
/// Whether the reset gate scales the state after it is multiplied by its weight, as in PyTorch, or before, as in the paper.
/// </param>
public sealed record Gru<A>(int Hidden, bool ResetAfter = true) : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Caption Caption => new("GRU", $"{Hidden}");

    /// <inheritdoc/>
    public override Option<string> Name => "gru";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Recurrent.Over(
            this,
            input,
            scope,
            Hidden,
            count: 3,
            // The bias beside the state's weight: where the state is reset first, it is one more term of the gates.
            r => new(
                new Recur(Hidden, Cell: ResetAfter ? RecurrentCell.Gru : RecurrentCell.GruResetFirst),
                [r.Told, r.Present, r.Weight, r.OfState, r.OfInput]
            )
        );
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Gru{A}"/>
    public static Layer<A, A> Gru<A>(int hidden, bool resetAfter = true)
        where A : IKind => new Gru<A>(hidden, resetAfter);
}
