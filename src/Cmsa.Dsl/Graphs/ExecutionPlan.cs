using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// The order in which a program is computed, in whose memory, and when each value is freed. It is what a target does,
/// and from it follows how much memory that takes, before anything is run.
/// </summary>
public sealed class ExecutionPlan
{
    private readonly Dictionary<Node, Node> storage = new(ReferenceEqualityComparer.Instance);

    private ExecutionPlan(Graph graph, bool training)
    {
        var constant = Depending(graph, operation => operation is not (Input or Parameter));
        var settled = Depending(
            graph,
            operation =>
                operation is not Input
                && (
                    operation is not Parameter parameter || !training || parameter.Role is Role.Frozen or Role.Statistic
                )
        );
        var kept = graph.Returned.ToHashSet<Node>(ReferenceEqualityComparer.Instance);

        (Many<Node> leaves, Many<Node> computed) = (graph.Nodes.Filter(IsGiven), graph.Nodes.Filter(v => !IsGiven(v)));
        foreach (var leaf in leaves)
            storage[leaf] = leaf;
        Constants = computed.Filter(constant.Contains);
        var later = computed.Filter(v => settled.Contains(v) && !constant.Contains(v));
        var each = computed.Filter(v => !settled.Contains(v));
        var needed = (each.Bind(v => v.Operands) + graph.Returned).ToHashSet<Node>(ReferenceEqualityComparer.Instance);

        Preparation = Worked(later, v => constant.Contains(v) || needed.Contains(v), overwrite: false);
        Steps = Worked(each, v => settled.Contains(v) || kept.Contains(v), overwrite: !training);
        foreach (var node in Constants)
            storage[node] = node.Operation.IsView ? storage[node.Operands.Head] : node;
        Kept = Bytes((Constants + later.Filter(needed.Contains)).Map(v => storage[v]).Distinct());
        Peak = Math.Max(Most(Preparation, Bytes(Constants)), Most(Steps, Kept));
    }

    /// <summary>How a program is run.</summary>
    /// <param name="graph">The program, rewritten or not.</param>
    /// <param name="training">
    /// Whether gradients are kept: nothing is written over then, and only what is fixed is computed beforehand.
    /// </param>
    public static ExecutionPlan Of(Graph graph, bool training = false) => new(graph, training);

    /// <summary>What depends on nothing: computed once, when the program is compiled.</summary>
    public Many<Node> Constants { get; }

    /// <summary>What depends on weights that stay as they are: computed once, before the first run.</summary>
    public Many<Step> Preparation { get; }

    /// <summary>What is computed on each run.</summary>
    public Many<Step> Steps { get; }

    /// <summary>The memory of what is kept between runs beside the weights, in bytes, in float32.</summary>
    public long Kept { get; }

    /// <summary>
    /// The most memory at a time beyond weights and arguments when one sample is run for inference in float32, in
    /// bytes: what is kept between runs, the values that are needed still, and what kernels need on the way.
    /// </summary>
    public long Peak { get; }

    /// <summary>One value computed.</summary>
    /// <param name="Node">The value.</param>
    /// <param name="Over">The operand that it is written over; none where it gets memory of its own.</param>
    /// <param name="Freed">The values that nothing needs afterwards.</param>
    public sealed record Step(Node Node, Option<int> Over, Many<Node> Freed);

    private static bool IsGiven(Node node) => node.Operation is Input or Parameter;

    private Many<Step> Worked(Many<Node> nodes, Func<Node, bool> stays, bool overwrite)
    {
        var users = nodes
            .Bind(v => v.Operands.Distinct().Map(o => (Operand: o, User: v)))
            .ToLookup(u => u.Operand, u => u.User, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
        bool Ends(Node operand, Node at) =>
            !IsGiven(operand) && !stays(operand) && ReferenceEquals(users[operand].Last(), at);

        return nodes.Map(node =>
        {
            var over = overwrite
                ? Many.Range(node.Operands.Count)
                    .Find(i =>
                        node.Operation.CanReplace(i)
                        && Ends(node.Operands[i], node)
                        && Owns(node.Operands[i], users, node)
                    )
                : None;
            storage[node] = over.Map(i => storage[node.Operands[i]])
                .IfNone(() => node.Operation.IsView ? storage[node.Operands.Head] : node);
            return new Step(
                node,
                over,
                node.Operands.Distinct().Filter(o => Ends(o, node))
                    + (users[node].Any() || stays(node) ? [] : (Many<Node>)[node])
            );
        });
    }

    // Its memory is its own, and nobody else looks at it.
    private static bool Owns(Node operand, ILookup<Node, Node> users, Node by) =>
        operand.Operation.IsFresh
        && operand.Shape == by.Shape
        && by.Operands.Count(o => ReferenceEquals(o, operand)) == 1
        && users[operand].All(u => ReferenceEquals(u, by) || u.Operation.IsFresh);

    private long Most(Many<Step> works, long kept)
    {
        var handles = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        var (now, most) = (kept, kept);
        foreach (var (node, over, freed) in works)
        {
            var owner = storage[node];
            var made = ReferenceEquals(owner, node) ? Cost.BytesOf(node) : 0;
            most = Math.Max(most, now + made + sizeof(float) * node.Operation.Scratch(node));
            now += made;
            handles[owner] = handles.GetValueOrDefault(owner) + 1;
            foreach (var gone in freed)
                if (handles.TryGetValue(storage[gone], out var left) && (handles[storage[gone]] = left - 1) == 0)
                    now -= Cost.BytesOf(storage[gone]);
        }
        return most;
    }

    private static long Bytes(Many<Node> nodes) => nodes.Filter(v => !IsGiven(v)).Total(Cost.BytesOf);

    private static System.Collections.Generic.HashSet<Node> Depending(Graph graph, Func<Operation, bool> on)
    {
        var found = new System.Collections.Generic.HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
            if (on(node.Operation) && node.Operation.IsPure && node.Operands.ForAll(found.Contains))
                found.Add(node);
        return found;
    }
}
