using Cmsa.Dsl.Graphs;

namespace Cmsa.Benchmarks;

/// <summary>What a program is expected to need, before it is tried.</summary>
/// <param name="MultiplyAdds">Of one pass of one sample.</param>
/// <param name="Peak">The most memory at a time beyond the weights, in bytes; in training a rough estimate.</param>
public sealed record Forecast(long MultiplyAdds, long Peak)
{
    /// <summary>Of a pass of a program.</summary>
    public static Forecast Of(Graph graph, Pass pass) =>
        pass == Pass.Forward
            ? new(graph.MultiplyAdds - graph.WorkOnWeights, ExecutionPlan.Of(graph).Peak)
            : Step(graph);

    // Backward, a product is done again for each of its operands that has a gradient; what was computed is kept until
    // then, and the largest value stands there a few times more.
    private static Forecast Step(Graph graph)
    {
        var learnt = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
            if (
                node.Operation is Parameter { Role: not (Role.Frozen or Role.Statistic) }
                || node.Operands.Exists(learnt.Contains)
            )
                learnt.Add(node);
        var largest = graph.Nodes.Filter(v => v.IsComputed).Map(v => v.Shape.Count).DefaultIfEmpty(0).Max();
        return new(
            graph.Nodes.Total(v => v.MultiplyAdds() * (1 + Math.Min(2, v.Operands.Count(learnt.Contains)))),
            Cost.Of(graph).Bytes + 4 * (4 * largest + graph.ParameterCount)
        );
    }
}
