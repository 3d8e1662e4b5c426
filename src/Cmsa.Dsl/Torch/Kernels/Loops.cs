using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterLoops() =>
        Register<Loop>(
            (loop, _, on) =>
            {
                var nodes = loop.Body.Nodes;
                var places = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
                for (var at = 0; at < nodes.Count; at++)
                    places[nodes[at]] = at;
                // Where each value of a step comes from: an operand of the loop, or a kernel on earlier values.
                var steps = nodes.Map(node =>
                    node.Operation switch
                    {
                        Input input => new Source(loop.Body.Inputs.IndexOf(input), false, [], null),
                        Parameter parameter => new Source(loop.Body.Parameters.IndexOf(parameter), true, [], null),
                        _ => new Source(0, false, [.. node.Operands.Select(o => places[o])], Of(node, on)),
                    }
                );
                var result = places[loop.Body.Output.Node];
                return (operands, training) =>
                {
                    var state = operands[0].alias();
                    for (var step = 0; step < loop.Count; step++)
                    {
                        using var scope = NewDisposeScope();
                        var values = new Tensor[steps.Count];
                        for (var at = 0; at < steps.Count; at++)
                        {
                            var source = steps[at];
                            values[at] =
                                source.Kernel is { } kernel
                                    ? kernel(source.From.Select(i => values[i]).ToArray(), training)
                                : source.IsParameter ? operands[loop.ParametersOf(step) + source.Operand]
                                : source.Operand == 0 ? state
                                : operands[source.Operand];
                        }
                        var before = state;
                        state = values[result].alias().MoveToOuterDisposeScope();
                        before.Dispose();
                    }
                    return state;
                };
            }
        );

    private sealed record Source(int Operand, bool IsParameter, int[] From, Kernel? Kernel);
}
