namespace Cmsa.Dsl.Graphs;

/// <summary>What a layer costs. Costs add up: that of a layer is its own and that of its parts.</summary>
/// <param name="Parameters">
/// How many numbers it owns, running statistics left out; what several layers share counts where it is first used.
/// </param>
/// <param name="MultiplyAdds">
/// Multiply-adds of one forward pass of one sample, those of linear maps, convolutions and contractions alone, as
/// papers count.
/// </param>
/// <param name="Bytes">
/// The memory of all that it computes for one sample, in float32: 4 bytes a number, 8 a whole number, 1 a boolean;
/// views are free.
/// </param>
public readonly record struct Cost(long Parameters, long MultiplyAdds, long Bytes)
{
    /// <summary>Nothing.</summary>
    public static Cost None { get; }

    /// <summary>Both.</summary>
    public static Cost operator +(Cost left, Cost right) =>
        new(
            Magnitude.Sum(left.Parameters, right.Parameters),
            Magnitude.Sum(left.MultiplyAdds, right.MultiplyAdds),
            Magnitude.Sum(left.Bytes, right.Bytes)
        );

    /// <summary>What a whole program costs.</summary>
    public static Cost Of(Graph graph) => new(graph.ParameterCount, graph.MultiplyAdds, graph.Nodes.Total(BytesOf));

    /// <summary>
    /// What a program costs by the path of the layer, in the order of first use; the sum is <see cref="Of"/>. Works on
    /// rewritten programs too, where a value counts for the layer in whose place it was put.
    /// </summary>
    public static Many<(string Path, Cost Cost)> ByPath(Graph graph) =>
        [
            .. Own(graph)
                .Map(c => (Path: c.Node.Path ?? "", c.Cost))
                .Concat(Unneeded(graph))
                .GroupBy(c => c.Path, c => c.Cost)
                .Select(g => (g.Key, g.Aggregate(None, (sum, cost) => sum + cost))),
        ];

    // Rewriting may leave a parameter without a use; the model owns it still.
    private static IEnumerable<(string Path, Cost Cost)> Unneeded(Graph graph) =>
        graph
            .Parameters.Where(p => p.Role != Role.Statistic)
            .Except(graph.Nodes.Select(v => v.Operation).OfType<Parameter>())
            .Select(p => (p.Path[..Math.Max(0, p.Path.LastIndexOf('.'))], new Cost(p.Of.Count, 0, 0)));

    /// <summary>What each node costs by itself; a parameter counts where it is first used.</summary>
    internal static Many<(Node Node, Cost Cost)> Own(Graph graph)
    {
        var counted = new System.Collections.Generic.HashSet<Parameter>();
        return graph.Nodes.Map(v =>
            (
                v,
                new Cost(
                    v.Operation is Parameter { Role: not Role.Statistic } parameter && counted.Add(parameter)
                        ? parameter.Of.Count
                        : 0,
                    v.MultiplyAdds(),
                    BytesOf(v)
                )
            )
        );
    }

    /// <summary>
    /// The memory of one value of one sample in float32; none where it is not computed, or shares another's.
    /// </summary>
    internal static long BytesOf(Node node) =>
        node.IsComputed
            ? node.Shape.Count
                * node.Type switch
                {
                    ElementType.Boolean => 1,
                    ElementType.Integer => 8,
                    _ => 4,
                }
            : 0;
}
