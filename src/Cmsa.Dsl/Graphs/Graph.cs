using LanguageExt;
using static LanguageExt.Prelude;
using NodeSet = System.Collections.Generic.HashSet<Cmsa.Dsl.Graphs.Node>;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A model with every size known: a flat list of tensor operations, each after those it needs. Its parameters are named
/// by path. It is what rewriting changes and what a target compiles.
/// </summary>
public sealed class Graph
{
    private Graph(Signal output, Many<Input> inputs, Many<Parameter> parameters, Many<(string Name, Node Node)> shown)
    {
        (Output, Inputs, Parameters, Shown) = (output, inputs, parameters, shown);
        Nodes = Sort(output.All + shown.Map(s => s.Node));
    }

    /// <summary>The result.</summary>
    public Signal Output { get; }

    /// <summary>All nodes, each after its operands.</summary>
    public Many<Node> Nodes { get; }

    /// <summary>The tensors that the caller gives, in the order of the argument.</summary>
    public Many<Input> Inputs { get; }

    /// <summary>
    /// The tensors that the model owns, in the order of the layers. Rewriting changes none, even where it makes one
    /// unneeded.
    /// </summary>
    public Many<Parameter> Parameters { get; }

    /// <summary>The probes that a compiled module returns beside the result, by name.</summary>
    public Many<(string Name, Node Node)> Shown { get; }

    /// <summary>All that a compiled module returns: the tensors of the result, then the probes.</summary>
    public Many<Node> Returned => Output.Nodes + Shown.Map(s => s.Node);

    /// <summary>
    /// How many numbers the model owns, trained or frozen: all parameters without the running statistics.
    /// </summary>
    public long ParameterCount => Parameters.Filter(p => p.Role != Role.Statistic).Total(p => p.Of.Count);

    /// <summary>Multiply-adds of one forward pass of one sample.</summary>
    public long MultiplyAdds => Nodes.Total(n => n.MultiplyAdds());

    /// <summary>
    /// What one forward pass of one sample costs: its multiply-adds, and one for every other number computed. What
    /// depends on the weights alone is not counted. Rewriting never raises it.
    /// </summary>
    public long Work
    {
        get
        {
            var varying = DependingOnInputs();
            return Nodes.Filter(varying.Contains).Total(n => n.MultiplyAdds() + (n.IsComputed ? n.Shape.Count : 0));
        }
    }

    /// <summary>Multiply-adds of what depends on the weights alone: paid once, or once a training step.</summary>
    public long WorkOnWeights
    {
        get
        {
            var varying = DependingOnInputs();
            return Nodes.Filter(n => !varying.Contains(n)).Total(n => n.MultiplyAdds());
        }
    }

    /// <summary>The names of all probes that could be shown.</summary>
    public Many<string> Probes => Nodes.Bind(n => n.Probes).Distinct();

    /// <summary>The node that a probe shows.</summary>
    public Option<Node> Probe(string name) =>
        Shown.Find(s => s.Name == name).Map(s => s.Node) || Nodes.Find(n => n.Probes.Contains(name));

    /// <summary>
    /// A graph of some results. Its parameters are those that the results are made of, in the order of first use.
    /// </summary>
    /// <param name="output">The results.</param>
    /// <param name="inputs">
    /// The tensors that the caller gives, in the order of the argument; those that the results are made of if absent.
    /// </param>
    internal static Graph Of(Signal output, Option<Many<Input>> inputs = default)
    {
        var nodes = Sort(output.All);
        return new(
            output,
            inputs.IfNone(() => nodes.Choose(n => n.Operation is Input input ? Some(input) : None)),
            nodes.Choose(n => n.Operation is Parameter parameter ? Some(parameter) : None).Distinct(),
            []
        );
    }

    /// <summary>A graph of one node, written by hand: for trying operations and rules.</summary>
    /// <param name="name">The path of its nodes in error messages.</param>
    /// <param name="node">
    /// The result; the inputs are the <see cref="Input"/>s that it is made of, in the order of first use.
    /// </param>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public static Graph Of(string name, Node node)
    {
        Signal output = node;
        output.Locate(name);
        var graph = Of(output);
        var errors = graph.Nodes.Bind(n => n.Errors);
        return errors.IsEmpty ? graph : throw new ArgumentException(string.Join("; ", errors), nameof(node));
    }

    /// <summary>The graph that also returns some probes.</summary>
    /// <returns>The graph, or the names that no probe of it has.</returns>
    public Either<Many<string>, Graph> Showing(Many<string> probes)
    {
        var found = probes.Choose(name => Probe(name).Map(node => (name, node)));
        if (found.Count == probes.Count)
            return new Graph(Output, Inputs, Parameters, found);
        return probes.Filter(name => Probe(name).IsNone);
    }

    /// <summary>The same graph with every loop written out step by step: for targets that have none.</summary>
    public Graph Unrolled
    {
        get
        {
            var graph = this;
            while (graph.Nodes.Exists(node => node.Operation is Loop))
                graph = graph.Rewrite(node => node.Operation is Loop loop ? loop.Unrolled(node.Operands) : node);
            return graph;
        }
    }

    /// <summary>The same graph with every node replaced, operands first.</summary>
    /// <param name="rewrite">Given a node on rewritten operands, what replaces it.</param>
    internal Graph Rewrite(Func<Node, Node> rewrite)
    {
        var done = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in Nodes)
        {
            var unchanged = node.Operands.ForAll(o => ReferenceEquals(done[o], o));
            done[node] = rewrite(unchanged ? node : node.On(node.Operands.Map(o => done[o])));
        }
        return new Graph(
            Output.Map(n => done[n], n => done[n]),
            Inputs,
            Parameters,
            Shown.Map(s => (s.Name, done[s.Node]))
        );
    }

    private NodeSet DependingOnInputs()
    {
        var found = new NodeSet(ReferenceEqualityComparer.Instance);
        foreach (var node in Nodes)
            if (node.Operation is Input || node.Operands.Exists(found.Contains))
                found.Add(node);
        return found;
    }

    private static Many<Node> Sort(Many<Node> roots)
    {
        var sorted = new List<Node>();
        var seen = new NodeSet(ReferenceEqualityComparer.Instance);
        var open = new Stack<(Node Node, bool Ready)>(roots.Reverse().Select(r => (r, false)));
        while (open.TryPop(out var at))
        {
            if (at.Ready)
            {
                sorted.Add(at.Node);
                continue;
            }
            if (!seen.Add(at.Node))
                continue;
            open.Push((at.Node, true));
            foreach (var operand in at.Node.Operands.Reverse())
                if (!seen.Contains(operand))
                    open.Push((operand, false));
        }
        return sorted.ToMany();
    }

    /// <summary>The graph as text, one operation a line.</summary>
    public override string ToString() => string.Join('\n', Lines());

    private IEnumerable<string> Lines()
    {
        var numbers = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        foreach (var node in Nodes)
        {
            numbers[node] = numbers.Count;
            var operands = string.Join(", ", node.Operands.Map(o => $"%{numbers[o]}"));
            var path = node.Path is { Length: > 0 } at ? $"  # {at}" : "";
            yield return $"%{numbers[node]} {node.Shape} = {node.Operation}({operands}){path}";
        }
    }
}
