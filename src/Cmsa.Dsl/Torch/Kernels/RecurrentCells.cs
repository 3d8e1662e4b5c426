using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The steps of the cells other than the plain long short-term memory, which <see cref="Recurrence"/> has. Channels are
/// outermost, and libtorch derives the backward pass.
/// </summary>
internal static class RecurrentCells
{
    /// <summary>The states of a recurrence, laid out as those of <see cref="Recurrence.Of"/>.</summary>
    /// <param name="cell">What a step computes.</param>
    /// <param name="steps">What steps there are.</param>
    /// <param name="weight"><c>[gates hidden, hidden]</c>.</param>
    /// <param name="vector"><c>[3 hidden]</c>: the peepholes, or the bias beside the weight; null where there is none.</param>
    /// <param name="given">What is given of the gates for all words.</param>
    /// <param name="told">What each word that a step takes says to the gates.</param>
    public static Tensor Of(
        RecurrentCell cell,
        Recurrence.Steps steps,
        Tensor weight,
        Tensor? vector,
        Tensor given,
        Tensor[] told
    )
    {
        var (hidden, area) = (steps.Hidden, steps.Area);
        var always = given.flatten(1);
        var own = vector?.unsqueeze(1).chunk(3, 0);
        var state = torch.zeros([hidden, steps.Counts.FirstOrDefault() * area], given.dtype, given.device);
        var memory = state;
        var results = new List<Tensor>();
        foreach (var (_, count, start, next) in steps.Each())
        {
            using var scope = NewDisposeScope();
            var columns = count * area;
            var share = always.shape[1] == 1 ? always : always.narrow(1, 0, columns);
            foreach (var word in told)
                share = share + word.narrow(1, start, count).expand(-1, count, area).reshape(-1, columns);
            var before = state.narrow(1, 0, columns);
            if (cell == RecurrentCell.LstmWithPeepholes)
            {
                (state, memory) = WithPeepholes(share, weight, own!, before, memory.narrow(1, 0, columns));
                memory.MoveToOuterDisposeScope();
            }
            else
                state = cell == RecurrentCell.Gru ? Gated(share, weight, own!, before) : ResetFirst(share, weight, before);
            state.MoveToOuterDisposeScope();
            results.Add(
                steps.Last
                    ? state.narrow(1, next * area, (count - next) * area).MoveToOuterDisposeScope()
                    : state
            );
        }
        // Those that end last come first.
        if (steps.Last)
            results.Reverse();
        var none = (steps.Last ? steps.Samples - steps.Counts.FirstOrDefault() : 1) * area;
        results.Add(torch.zeros([hidden, none], given.dtype, given.device));
        return torch.cat(results, 1).unflatten(1, [-1, area]);
    }

    private static (Tensor State, Tensor Memory) WithPeepholes(
        Tensor share,
        Tensor weight,
        Tensor[] peepholes,
        Tensor state,
        Tensor memory
    )
    {
        var gates = (share + weight.matmul(state)).chunk(4, 0);
        var input = (gates[0] + peepholes[0] * memory).sigmoid();
        var forget = (gates[1] + peepholes[1] * memory).sigmoid();
        var next = forget * memory + input * gates[2].tanh();
        var output = (gates[3] + peepholes[2] * next).sigmoid();
        return (output * next.tanh(), next);
    }

    private static Tensor Gated(Tensor share, Tensor weight, Tensor[] bias, Tensor state)
    {
        var (told, held) = (share.chunk(3, 0), weight.matmul(state).chunk(3, 0));
        var reset = (told[0] + held[0] + bias[0]).sigmoid();
        var update = (told[1] + held[1] + bias[1]).sigmoid();
        var candidate = (told[2] + reset * (held[2] + bias[2])).tanh();
        return candidate + update * (state - candidate);
    }

    private static Tensor ResetFirst(Tensor share, Tensor weight, Tensor state)
    {
        var (told, weights) = (share.chunk(3, 0), weight.chunk(3, 0));
        var reset = (told[0] + weights[0].matmul(state)).sigmoid();
        var update = (told[1] + weights[1].matmul(state)).sigmoid();
        var candidate = (told[2] + weights[2].matmul(reset * state)).tanh();
        return candidate + update * (state - candidate);
    }
}
