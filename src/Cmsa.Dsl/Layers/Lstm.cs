using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A long short-term memory over the words, first to last, skipping padding; over <see cref="WordMaps"/> it runs at
/// every place with the same weights, which is the multimodal LSTM of Liu et al. 2017. The result is the hidden state
/// after each word. Parameters as PyTorch names them: <c>weight_ih [4 Hidden, in]</c>, <c>weight_hh [4 Hidden,
/// Hidden]</c>, <c>bias_ih</c>, <c>bias_hh</c>; gates in the order input, forget, cell, output. With peepholes also
/// <c>weight_ci</c>, <c>weight_cf</c> and <c>weight_co [Hidden]</c>.
/// </summary>
/// <typeparam name="A">Words or WordMaps.</typeparam>
/// <param name="Hidden">Channels of the state.</param>
/// <param name="ForgetBias">
/// Added to the forget gate beside its biases, as TensorFlow's cells add 1, so that the memory lasts from the start.
/// </param>
/// <param name="Peepholes">
/// Whether the gates also see the cell: the input and forget gates the one before the word, the output gate the one after
/// it (Gers and Schmidhuber 2000).
/// </param>
public sealed record Lstm<A>(int Hidden, double ForgetBias = 0, bool Peepholes = false) : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Caption Caption => new("LSTM", Peepholes ? $"{Hidden}, peepholes" : $"{Hidden}");

    /// <inheritdoc/>
    public override Option<string> Name => "lstm";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Recurrent.Over(
            this,
            input,
            scope,
            Hidden,
            count: 4,
            r =>
            {
                Many<string> names = Peepholes ? ["weight_ci", "weight_cf", "weight_co"] : [];
                var channels = new Dimension(Axis.Channel, Hidden);
                var peepholes = names.Map(name => scope.Parameter(name, r.Bound, Role.Gain, channels));
                Many<Node> vector = Peepholes ? [Node.Concat(Axis.Channel, [.. peepholes])] : [];
                Many<Node> forget = ForgetBias == 0 ? [] : [Forgetting];
                var cell = Peepholes ? RecurrentCell.LstmWithPeepholes : RecurrentCell.Lstm;
                return new(
                    new Recur(Hidden, Cell: cell),
                    [r.Told, r.Present, r.Weight, .. vector, r.OfInput, r.OfState, .. forget]
                );
            }
        );

    // Gates stand in the order input, forget, cell, output.
    private Node Forgetting
    {
        get
        {
            Node Gates(double number, int count) =>
                Node.Constant(number).As(new Shape(new Dimension(Axis.Channel, count * Hidden)));

            return Node.Concat(Axis.Channel, Gates(0, 1), Gates(ForgetBias, 1), Gates(0, 2));
        }
    }
}

/// <summary>The state after the last word: of <see cref="Words"/> a <see cref="Sentence"/>.</summary>
public sealed record LastOfWords : Layer<Words, Sentence>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => new Node(new LastOne(), input.Node);
}

/// <summary>The map after the last word: of <see cref="WordMaps"/> a <see cref="FeatureMap"/>.</summary>
public sealed record LastOfMaps : Layer<WordMaps, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => new Node(new LastOne(), input.Node);
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Lstm{A}"/>
    public static Layer<A, A> Lstm<A>(int hidden, double forgetBias = 0, bool peepholes = false)
        where A : IKind => new Lstm<A>(hidden, forgetBias, peepholes);

    /// <summary>The state of <see cref="Lstm{A}"/> after the last word.</summary>
    public static Layer<Words, Sentence> LastWord { get; } = new LastOfWords();

    /// <summary>The map of <see cref="Lstm{A}"/> after the last word.</summary>
    public static Layer<WordMaps, FeatureMap> LastMap { get; } = new LastOfMaps();
}
