using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>What every recurrence over words has: what it reads of them, and PyTorch's weights and biases.</summary>
/// <param name="Told">What each word says to the gates.</param>
/// <param name="Present">Which words are there.</param>
/// <param name="Weight">The state's weight, <c>weight_hh [gates Hidden, Hidden]</c>.</param>
/// <param name="OfInput">The bias beside the words, <c>bias_ih [gates Hidden]</c>.</param>
/// <param name="OfState">The bias beside the state, <c>bias_hh [gates Hidden]</c>.</param>
/// <param name="Bound">How the parameters start: uniform to <c>1 / sqrt(Hidden)</c>.</param>
internal sealed record Recurrent(
    Node Told,
    Node Present,
    Node Weight,
    Node OfInput,
    Node OfState,
    Initializer Bound
)
{
    /// <summary>
    /// A recurrence over the words of a signal; an error in the signal's nodes where it has none, or no channel of state.
    /// </summary>
    /// <param name="layer">The layer, for the error.</param>
    /// <param name="input">The words, or maps of words.</param>
    /// <param name="scope">Where the parameters stand.</param>
    /// <param name="hidden">Channels of the state.</param>
    /// <param name="count">How many gates the cell has.</param>
    /// <param name="of">The recurrence, from what it has.</param>
    public static Signal Over(
        Layer layer,
        Signal input,
        Scope scope,
        int hidden,
        int count,
        Func<Recurrent, Node> of
    )
    {
        if (hidden < 1 || input.Present.Case is not Node present)
            return input.Map(x =>
                x.With(
                    Error.Misfit(
                        $"{layer} over {layer.In}",
                        "at least 1 channel, and words to run over",
                        "use it on Words or WordMaps"
                    )
                )
            );
        var bound = new Initializer.Uniform(1 / Math.Sqrt(hidden));
        Dimension gates = new(Axis.Out, count * hidden),
            bias = new(Axis.Channel, count * hidden),
            channels = new(Axis.In, input.Node.Shape[Axis.Channel]);
        var told = input.Node.Linear(scope.Parameter("weight_ih", bound, Role.Weight, gates, channels));
        var weight = scope.Parameter("weight_hh", bound, Role.Weight, gates, new(Axis.In, hidden));
        var ofInput = scope.Parameter("bias_ih", bound, Role.Bias, bias);
        var ofState = scope.Parameter("bias_hh", bound, Role.Bias, bias);
        return new Signal.Tensor(of(new(told, present, weight, ofInput, ofState, bound)), input.Present);
    }
}
