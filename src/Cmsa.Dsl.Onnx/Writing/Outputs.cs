using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>The outputs of a model and their names.</summary>
internal static class Outputs
{
    /// <param name="Name">The name in the file.</param>
    /// <param name="Node">The value.</param>
    /// <param name="Description">What it is.</param>
    public sealed record Named(string Name, Node Node, string Description);

    /// <summary>
    /// The result, its parts named by level or as the first and second of a pair; <c>NAME.present</c> says which of its
    /// words are there; then the probes.
    /// </summary>
    public static Many<Named> Of(Graph graph, string name) =>
        Of(graph.Output, name, "")
        + graph.Shown.Map(s => new Named(s.Name, s.Node, $"{Descriptions.Of(s.Node.Shape)}: the probe {s.Name}"));

    private static Many<Named> Of(Signal signal, string name, string under)
    {
        string Below(string part) => under.Length == 0 ? part : $"{under}.{part}";
        switch (signal)
        {
            case Signal.Pair(var first, var second):
                return Of(first, Below("first"), Below("first")) + Of(second, Below("second"), Below("second"));
            case Signal.Levels(var levels):
                return levels.Bind(l => Of(l.Signal, Below(l.Name), Below(l.Name)));
            case Signal.Tensor(var node, var present):
                // What is always there needs no saying.
                var presence = present
                    .Filter(p => p.Operation is not Always)
                    .Map(p => new Named(
                        $"{name}.present",
                        p,
                        $"{Descriptions.Of(p.Shape)}: which words of {name} are there"
                    ));
                return [new(name, node, Descriptions.Of(node.Shape)), .. presence.ToMany()];
            default:
                return [];
        }
    }
}
