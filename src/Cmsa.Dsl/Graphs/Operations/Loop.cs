using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A body run several times, each time on what it gave before: one node, however many steps. Operands: the state, which
/// of its words are there where the body asks, and the body's parameters; once for all steps, or for each step in turn.
/// </summary>
/// <param name="Count">How many steps there are.</param>
/// <param name="Step">One step.</param>
/// <param name="IsShared">Whether all steps have the same parameters.</param>
public sealed record Loop(int Count, LoopStep Step, bool IsShared) : Operation
{
    /// <summary>One step: its inputs are the state and, where it has a second one, its words.</summary>
    public Graph Body => Step.Graph;

    /// <summary>How many operands stand before the parameters.</summary>
    internal int Given => Body.Inputs.Count;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override bool IsPure => Body.Nodes.ForAll(n => n.Operation.IsPure);

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands[0];

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) =>
        Magnitude.Product(Count, Body.MultiplyAdds);

    /// <inheritdoc/>
    public override long Scratch(Node at) => Body.Nodes.Filter(n => n.IsComputed).Total(n => n.Shape.Count);

    /// <summary>Where among the operands the parameters of a step begin.</summary>
    public int ParametersOf(int step) => Given + (IsShared ? 0 : step * Body.Parameters.Count);

    /// <summary>What a loop computes as nodes of single operations: for targets that have no loops.</summary>
    /// <param name="operands">The operands of the loop.</param>
    public Node Unrolled(Many<Node> operands)
    {
        var state = operands[0];
        for (var step = 0; step < Count; step++)
        {
            var (given, first) = (state, ParametersOf(step));
            state = Loops.Replaced(
                Body.Output.Node,
                leaf =>
                    leaf.Operation switch
                    {
                        Input input => Body.Inputs.IndexOf(input) switch
                        {
                            0 => given,
                            var at => operands[at],
                        },
                        Parameter parameter => operands[first + Body.Parameters.IndexOf(parameter)],
                        _ => Option<Node>.None,
                    }
            );
        }
        return state;
    }
}

/// <summary>One step of a loop.</summary>
/// <param name="Graph">What it computes.</param>
public sealed record LoopStep(Graph Graph)
{
    /// <summary>The step on one line.</summary>
    public override string ToString() =>
        $"{{ {string.Join("; ", $"{Graph}".Split('\n').Select(line => line.Trim()))} }}";
}

/// <summary>Steps that are the same but for their parameters, as a loop.</summary>
internal static class Loops
{
    /// <summary>
    /// Steps as one loop, if they can be: each takes and gives one tensor of one shape, gives out no probe and has no
    /// problem noted in it.
    /// </summary>
    /// <param name="states">
    /// The first state and what each step made of the one before; of shared steps one is enough.
    /// </param>
    /// <param name="count">How many steps there are.</param>
    /// <param name="isShared">Whether all steps have the same parameters.</param>
    public static Option<Signal> Of(Many<Signal> states, int count, bool isShared)
    {
        if (states[0] is not Signal.Tensor(var start, var words))
            return Option<Signal>.None;
        var steps = states.Tail.Zip(states, (after, before) => Inside(before, after));
        if (
            !states.ForAll(s =>
                s is Signal.Tensor(var node, var present) && node.Shape == start.Shape && IsSame(present, words)
            )
        )
            return Option<Signal>.None;
        if (!steps.ForAll(step => step.ForAll(IsPlain)))
            return Option<Signal>.None;
        var parameters = steps.Map(Parameters);
        if (!parameters.ForAll(p => p.Map(n => n.Shape) == parameters[0].Map(n => n.Shape)))
            return Option<Signal>.None;
        if (ReferenceEquals(states[1].Node, start))
            return states[0];

        var state = new Node(new Input("state", start.Shape));
        var there = words.Map(w => new Node(new Input("words", w.Shape, ElementType.Boolean)));
        var result = Replaced(
            states[1].Node,
            node =>
                ReferenceEquals(node, start) ? state
                : words.Exists(w => ReferenceEquals(w, node)) ? there
                : Option<Node>.None
        );
        Many<Input> inputs = [.. new[] { state }.Concat(there).Select(n => (Input)n.Operation)];
        var body = Graph.Of(result, inputs);
        // The body's parameters are ordered as Graph orders them; so are those of every step.
        var loop = new Node(
            new Loop(count, new LoopStep(body), isShared),
            [start, .. words, .. parameters.Bind(p => p)]
        );
        return new Signal.Tensor(loop, words);
    }

    /// <summary>The same value with some of the nodes that it is made of replaced.</summary>
    public static Node Replaced(Node root, Func<Node, Option<Node>> replace)
    {
        var done = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance);
        var open = new Stack<Node>([root]);
        while (open.TryPeek(out var node))
        {
            if (done.ContainsKey(node) || (replace(node).Case is Node other && done.TryAdd(node, other)))
            {
                open.Pop();
                continue;
            }
            var missing = node.Operands.Filter(o => !done.ContainsKey(o));
            foreach (var operand in missing)
                open.Push(operand);
            if (!missing.IsEmpty)
                continue;
            done[open.Pop()] = node.Operands.IsEmpty ? node : node.On(node.Operands.Map(o => done[o]));
        }
        return done[root];
    }

    private static bool IsSame(Option<Node> left, Option<Node> right) =>
        (left.Case, right.Case) switch
        {
            (Node a, Node b) => ReferenceEquals(a, b),
            (null, null) => true,
            _ => false,
        };

    private static bool IsPlain(Node node) => node.Probes.IsEmpty && node.Errors.IsEmpty && node.Operation is not Input;

    /// <summary>The nodes that a step made, each after those it needs.</summary>
    private static Many<Node> Inside(Signal before, Signal after)
    {
        var given = before.All.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        var (found, seen) = (
            new List<Node>(),
            new System.Collections.Generic.HashSet<Node>(given, ReferenceEqualityComparer.Instance)
        );
        foreach (var root in after.Nodes)
            Visit(root);
        return found.ToMany();

        void Visit(Node node)
        {
            if (!seen.Add(node))
                return;
            foreach (var operand in node.Operands)
                Visit(operand);
            found.Add(node);
        }
    }

    private static Many<Node> Parameters(Many<Node> step) =>
        step.Filter(n => n.Operation is Parameter).DistinctBy(n => (Parameter)n.Operation).ToMany();
}
