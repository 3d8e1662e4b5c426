using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting;

/// <summary>
/// A linear map behind an attention becomes part of the map that makes its values:
/// <c>W (sum_j a_ij V x_j) = sum_j a_ij (W V) x_j</c>. The map behind it is gone, and where the values are of a picture
/// that is bound, the later stage has less to do.
/// </summary>
/// <remarks>It is for graphs whose weights stay as they are: the product of weights is computed once.</remarks>
internal static class MapInward
{
    private static readonly Axis through = new("through");

    /// <summary>The graph with every such map moved that makes it cheaper.</summary>
    public static Graph Apply(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            if (Moved(node).Case is not Node better)
                continue;
            ((Signal)better).Locate(node.Path ?? "");
            var cheaper = graph.Rewrite(n => ReferenceEquals(n, node) ? better : n);
            if (cheaper.Work < graph.Work)
                return Apply(cheaper);
        }
        return graph;
    }

    private static Option<Node> Moved(Node node)
    {
        if (node.Operation is not Linear || !Gathers(node.Operands[0]))
            return None;
        var bias = node.Operands.Count > 2 ? Some(node.Operands[2]) : None;
        return Through(node.Operands[0], node.Operands[1]).Map(moved => bias.Match(b => moved + b, () => moved));
    }

    // Only what is gathered by an attention is worth looking at: maps of maps are one map already.
    private static bool Gathers(Node node) =>
        node.Operation switch
        {
            Contract => true,
            Add => node.Operands.Exists(Gathers),
            _ => false,
        };

    /// <summary>The weight applied to what a value is made of; none where that cannot be.</summary>
    private static Option<Node> Through(Node node, Node weight)
    {
        if (node.Shape.SizeOf(Axis.Channel) != weight.Shape.SizeOf(Axis.In))
            return None;
        return node.Operation switch
        {
            Linear => Composed(node, weight),
            Add => Through(node.Operands[0], weight)
                .Bind(left => Through(node.Operands[1], weight).Map(right => left + right)),
            Rename rename when rename.Name(Axis.Channel) == Axis.Channel => Through(node.Operands[0], weight)
                .Map(x => new Node(rename, x)),
            Contract(var over) when !over.Contains(Axis.Channel) => Gathered(node, weight),
            _ => node.Linear(weight),
        };
    }

    private static Option<Node> Gathered(Node node, Node weight)
    {
        var channels = node.Operands.Map(o => o.Shape.Has(Axis.Channel));
        if (channels[0] == channels[1])
            return None;
        var of = channels[0] ? 0 : 1;
        return Through(node.Operands[of], weight)
            .Map(moved => new Node(node.Operation, of == 0 ? [moved, node.Operands[1]] : [node.Operands[0], moved]));
    }

    private static Node Composed(Node map, Node weight)
    {
        var product = weight
            .Rename((Axis.In, through))
            .Contract(map.Operands[1].Rename((Axis.Out, through)), [through]);
        var moved = map.Operands[0].Linear(product);
        return map.Operands.Count > 2 ? moved + map.Operands[2].Linear(weight) : moved;
    }
}
