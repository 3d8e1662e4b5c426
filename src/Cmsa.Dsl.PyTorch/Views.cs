using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

/// <summary>Which values of a graph need no line of their own.</summary>
internal sealed class Views
{
    private readonly HashSet<Node> absorbed = new(ReferenceEqualityComparer.Instance);

    public Views(Graph graph)
    {
        var users = graph
            .Nodes.Bind(n => n.Operands.Map(o => (Operand: o, User: n)))
            .ToLookup(u => u.Operand, u => u.User, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
        var returned = graph.Returned.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            var by = users[node].ToArray();
            if (!returned.Contains(node) && by.Length > 0 && by.All(user => IsSeenBy(user, node)))
                absorbed.Add(node);
        }
    }

    /// <summary>
    /// What tells values apart: parameters and inputs are known by what they are, since a graph may hold one several
    /// times.
    /// </summary>
    public static object Key(Node node) =>
        node.Operation switch
        {
            Parameter(var path, _, _, _) => $"parameter {path}",
            Input(var name, _, _) => $"input {name}",
            _ => node,
        };

    /// <summary>Whether a value is its operand under other names of axes, in the same order.</summary>
    public static bool IsAlias(Node node) =>
        node is { Operation: Rename rename, Operands: [var operand] }
        && operand.Shape.Axes.Map(rename.Name) == node.Shape.Axes;

    /// <summary>Whether those that use a value look through it, so that it is never computed.</summary>
    public bool IsAbsorbed(Node node) => absorbed.Contains(node);

    /// <summary>Whether a value is given, or a constant that each module holds by itself.</summary>
    public static bool IsLeaf(Node node) =>
        node.Operation is Parameter or Input or Constant or Coordinates or NotEqual or Always;

    /// <summary>Whether a value has a line of its own.</summary>
    public bool IsWritten(Node node) => !IsLeaf(node) && !IsAlias(node) && !IsAbsorbed(node);

    /// <summary>The values that a value's line is written in terms of: its operands, looked through.</summary>
    public Many<Node> Operands(Node node) => node.Operands.Bind(Seen);

    /// <summary>The values behind a value that has no line of its own; a value that has one by itself.</summary>
    public Many<Node> Seen(Node node) => IsLeaf(node) || IsWritten(node) ? [node] : node.Operands.Bind(Seen);

    // Contractions name axes themselves, and a sum of a negative is a difference.
    private static bool IsSeenBy(Node user, Node node) =>
        (user.Operation, node.Operation) switch
        {
            (Contract, Rename) => true,
            (Add, Apply(Function.Negate)) => Subtracted(user.Operands) is { } at
                && ReferenceEquals(user.Operands[at], node),
            _ => false,
        };

    /// <summary>Which operand of a sum is written as a subtrahend, if one is negated and one not.</summary>
    public static int? Subtracted(Many<Node> operands) =>
        (IsNegated(operands[0]), IsNegated(operands[1])) switch
        {
            (false, true) => 1,
            (true, false) => 0,
            _ => null,
        };

    private static bool IsNegated(Node node) => node.Operation is Apply(Function.Negate);
}
