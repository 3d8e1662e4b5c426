using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Elaboration;

/// <summary>What each layer of a model costs.</summary>
internal static class LayerCosts
{
    /// <summary>
    /// What each layer costs by itself, without its parts; the sum is the graph's cost. The traces must be those of the
    /// graph.
    /// </summary>
    public static IReadOnlyDictionary<Trace, Cost> Of(Graph graph, Trace root)
    {
        var makers = new Dictionary<Node, Trace>(ReferenceEqualityComparer.Instance);
        Claim(root);
        return Cost.Own(graph)
            .GroupBy(c => makers.GetValueOrDefault(c.Node, root), c => c.Cost, ReferenceEqualityComparer.Instance)
            .ToDictionary(
                g => (Trace)g.Key!,
                g => g.Aggregate(Cost.None, (sum, cost) => sum + cost),
                (IEqualityComparer<Trace>)ReferenceEqualityComparer.Instance
            );

        // Innermost first: a layer made what its result and its parts' arguments need and neither a part nor an earlier
        // layer made.
        void Claim(Trace trace)
        {
            foreach (var part in trace.Parts)
                Claim(part);
            var given = trace.Input.All.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
            var open = new Stack<Node>(
                trace.Parts.Add(trace).Bind(t => t.Output.All) + trace.Parts.Bind(p => p.Input.All)
            );
            while (open.TryPop(out var node))
            {
                if (given.Contains(node) || makers.ContainsKey(node))
                    continue;
                // A node with a probe noted on it is a copy; the layer that made the node made the copy.
                var original = given.FirstOrDefault(g =>
                    ReferenceEquals(g.Operation, node.Operation) && !g.Operands.IsEmpty
                );
                makers[node] = original is not null && makers.TryGetValue(original, out var maker) ? maker : trace;
                foreach (var operand in node.Operands)
                    open.Push(operand);
            }
        }
    }
}
