using Cmsa.Dsl.Graphs;
using LanguageExt;
using BlockSet = System.Collections.Generic.HashSet<Cmsa.Dsl.PyTorch.Block>;

namespace Cmsa.Dsl.PyTorch;

/// <summary>
/// What a module does one after the other: a value, or a block of values that becomes a module of its own.
/// </summary>
/// <param name="Path">
/// The path below the module: of the block, or of the layer that made the value; empty for the module's own.
/// </param>
/// <param name="Nodes">The values.</param>
/// <param name="IsModule">Whether it is a block.</param>
internal sealed record Block(Many<string> Path, Many<Node> Nodes, bool IsModule);

/// <summary>Values grouped by the paths of their layers, so that each group can be computed at once.</summary>
internal sealed class Blocks(Views views)
{
    // A layer of fewer operations is clearer where it is used than as a class.
    private const int Least = 3;

    /// <summary>The segments of the path of the layer that made a value.</summary>
    public static Many<string> PathOf(Node node) => node.Path is { Length: > 0 } path ? [.. path.Split('.')] : [];

    /// <summary>What a module does, in an order in which everything comes after what it needs.</summary>
    /// <param name="prefix">The module's path.</param>
    /// <param name="nodes">Its values, each after its operands.</param>
    public Many<Block> Of(Many<string> prefix, Many<Node> nodes)
    {
        var blocks = Divided(prefix, [], nodes).ToList();
        while (true)
        {
            if (blocks.Find(b => b.IsModule && !CanStandAlone(prefix, b)) is { } weak)
            {
                Dissolve(weak);
                continue;
            }
            var (ordered, stuck) = Ordered(blocks);
            if (stuck.IsEmpty)
                return ordered;
            // Some of its values need others' values that need some of its: it is written value by value.
            Dissolve(stuck.Filter(b => b.IsModule).OrderBy(b => b.Nodes.Count).First());
        }

        void Dissolve(Block block)
        {
            blocks.Remove(block);
            blocks.AddRange(Divided(prefix, block.Path, block.Nodes));
        }
    }

    private static Many<Block> Divided(Many<string> prefix, Many<string> below, Many<Node> nodes)
    {
        var depth = prefix.Count + below.Count;
        var groups = nodes.GroupBy(n => PathOf(n) is var path && path.Count > depth ? path[depth] : null);
        return groups
            .SelectMany(g =>
                g.Key is { } segment
                    ? [new Block(below.Add(segment), g.ToMany(), IsModule: true)]
                    : g.Select(n => new Block(below, [n], IsModule: false))
            )
            .ToMany();
    }

    // A module is given values; weights it has itself.
    private bool CanStandAlone(Many<string> prefix, Block block)
    {
        var path = $"{string.Join('.', prefix + block.Path)}.";
        var weights = block.Nodes.Bind(views.Operands).Map(o => o.Operation).OfType<Parameter>();
        return block.Nodes.Count >= Least && weights.All(p => p.Path.StartsWith(path, StringComparison.Ordinal));
    }

    /// <summary>The blocks in order, and those that wait for each other.</summary>
    private (Many<Block> Ordered, Many<Block> Stuck) Ordered(List<Block> blocks)
    {
        var owner = new Dictionary<Node, Block>(ReferenceEqualityComparer.Instance);
        foreach (var block in blocks)
            foreach (var node in block.Nodes)
                owner[node] = block;
        var needs = blocks.ToDictionary(
            b => b,
            b =>
                b.Nodes.Bind(views.Operands)
                    .Choose(o =>
                        owner.TryGetValue(o, out var of) && !ReferenceEquals(of, b)
                            ? Option<Block>.Some(of)
                            : Option<Block>.None
                    )
                    .ToHashSet<Block>(ReferenceEqualityComparer.Instance),
            (IEqualityComparer<Block>)ReferenceEqualityComparer.Instance
        );

        var done = new BlockSet(ReferenceEqualityComparer.Instance);
        var ordered = new List<Block>();
        while (blocks.Find(b => !done.Contains(b) && needs[b].All(done.Contains)) is { } next)
        {
            done.Add(next);
            ordered.Add(next);
        }
        var waiting = blocks.Where(b => !done.Contains(b)).ToMany();
        return (ordered.ToMany(), waiting.Filter(b => Reaches(b, b, needs)));
    }

    private static bool Reaches(Block from, Block to, Dictionary<Block, BlockSet> needs)
    {
        var seen = new BlockSet(ReferenceEqualityComparer.Instance);
        var open = new Stack<Block>(needs[from]);
        while (open.TryPop(out var at))
        {
            if (ReferenceEquals(at, to))
                return true;
            if (!seen.Add(at))
                continue;
            foreach (var next in needs[at])
                open.Push(next);
        }
        return false;
    }
}
