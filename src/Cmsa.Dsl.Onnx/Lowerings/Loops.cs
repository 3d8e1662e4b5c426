using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Loops, written out step by step.</summary>
internal static class Loops
{
    public static Value Loop(Loop loop, Node node, Many<Value> x, Emitter emit)
    {
        var state = x[0];
        for (var step = 0; step < loop.Count; step++)
            state = Step(loop, step, x, state, emit);
        return state;
    }

    /// <summary>A graph's nodes, those of its loops among them.</summary>
    public static Many<Node> Everything(Graph graph) =>
        graph.Nodes.Bind(node => node.Operation is Loop loop ? Everything(loop.Body).Add(node) : [node]);

    private static Value Step(Loop loop, int step, Many<Value> x, Value state, Emitter emit)
    {
        var (body, first) = (loop.Body, loop.ParametersOf(step));
        var values = new Dictionary<Node, Value>(ReferenceEqualityComparer.Instance);
        foreach (var node in body.Nodes)
            values[node] = node.Operation switch
            {
                Input input => body.Inputs.IndexOf(input) switch
                {
                    0 => state,
                    var at => x[at],
                },
                Parameter parameter => x[first + body.Parameters.IndexOf(parameter)],
                var operation => Lowerings
                    .Of(operation)
                    .IfNone(() => throw new NotSupportedException($"{operation.GetType().Name} has no form in ONNX."))(
                        node,
                        node.Operands.Map(o => values[o]),
                        emit
                    ),
            };
        return values[body.Output.Node];
    }
}
