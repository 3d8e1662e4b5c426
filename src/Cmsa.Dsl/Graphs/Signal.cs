using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>The values of one kind: a tensor, a pair, or one signal a level.</summary>
public abstract record Signal
{
    private Signal() { }

    /// <summary>One tensor, and where it has words, which of them are there.</summary>
    /// <param name="Of">The tensor.</param>
    /// <param name="Words">A boolean <c>[word]</c>, false at padding.</param>
    public sealed record Tensor(Node Of, Option<Node> Words) : Signal;

    /// <summary>Two signals.</summary>
    /// <param name="Left">The first.</param>
    /// <param name="Right">The second.</param>
    public sealed record Pair(Signal Left, Signal Right) : Signal;

    /// <summary>One signal a level.</summary>
    /// <param name="Each">The levels by name, in the order of the backbone.</param>
    public sealed record Levels(Many<(string Name, Signal Signal)> Each) : Signal;

    /// <summary>A tensor that has no words.</summary>
    public static implicit operator Signal(Node node) => new Tensor(node, Option<Node>.None);

    /// <summary>The tensor of a signal that is one.</summary>
    public Node Node => this is Tensor(var node, _) ? node : throw Unlike("one tensor");

    /// <summary>Which words are there, in a signal that has words.</summary>
    public Option<Node> Present => this is Tensor(_, var present) ? present : throw Unlike("one tensor");

    /// <summary>The first of a pair.</summary>
    public Signal First => this is Pair(var first, _) ? first : throw Unlike("a pair");

    /// <summary>The second of a pair.</summary>
    public Signal Second => this is Pair(_, var second) ? second : throw Unlike("a pair");

    /// <summary>The levels, by name.</summary>
    public Many<(string Name, Signal Signal)> Named => this is Levels(var levels) ? levels : throw Unlike("levels");

    /// <summary>All tensors of the signal, left to right.</summary>
    public Many<Node> Nodes =>
        this switch
        {
            Tensor(var node, _) => [node],
            Pair(var first, var second) => first.Nodes + second.Nodes,
            Levels(var levels) => levels.Bind(l => l.Signal.Nodes),
            _ => [],
        };

    /// <summary>All booleans that say which words are there, left to right.</summary>
    internal Many<Node> Presences =>
        this switch
        {
            Tensor(_, var present) => present.ToMany(),
            Pair(var first, var second) => first.Presences + second.Presences,
            Levels(var levels) => levels.Bind(l => l.Signal.Presences),
            _ => [],
        };

    /// <summary>All nodes of the signal: its tensors, and which words are there.</summary>
    internal Many<Node> All => Nodes + Presences;

    /// <summary>
    /// Notes the path of the layer that made the signal, on those of its nodes and their operands that have none yet.
    /// </summary>
    internal void Locate(string path)
    {
        var open = new Stack<Node>(All);
        while (open.TryPop(out var node))
        {
            if (node.Path is not null)
                continue;
            node.Path = path;
            foreach (var operand in node.Operands)
                open.Push(operand);
        }
    }

    /// <summary>The signal with every tensor changed.</summary>
    public Signal Map(Func<Node, Node> change) => Map(change, p => p);

    /// <summary>The signal with every tensor and every presence changed.</summary>
    internal Signal Map(Func<Node, Node> change, Func<Node, Node> presence) =>
        this switch
        {
            Tensor(var node, var present) => new Tensor(change(node), present.Map(presence)),
            Pair(var first, var second) => new Pair(first.Map(change, presence), second.Map(change, presence)),
            Levels(var levels) => new Levels(levels.Map(l => (l.Name, l.Signal.Map(change, presence)))),
            _ => this,
        };

    /// <summary>Two signals of one kind combined tensor by tensor.</summary>
    public static Signal Zip(Signal a, Signal b, Func<Node, Node, Node> combine) =>
        (a, b) switch
        {
            (Tensor(var x, var present), Tensor(var y, var other)) => new Tensor(combine(x, y), Both(present, other)),
            (Pair(var x, var y), Pair(var u, var v)) => new Pair(Zip(x, u, combine), Zip(y, v, combine)),
            (Levels(var x), Levels(var y)) => ZipLevels(x, y, combine),
            _ => throw a.Unlike("a signal of the same kind"),
        };

    private static Levels ZipLevels(
        Many<(string Name, Signal Signal)> x,
        Many<(string Name, Signal Signal)> y,
        Func<Node, Node, Node> combine
    )
    {
        var (names, others) = (x.Map(l => l.Name), y.Map(l => l.Name));
        if (names.ToHashSet().SetEquals(others) && names.Count == others.Count)
            return new Levels(x.Map(l => (l.Name, Zip(l.Signal, y[others.IndexOf(l.Name)].Signal, combine))));
        var misfit = Error.Misfit(
            $"levels {string.Join(", ", names)} combined with levels {string.Join(", ", others)}",
            "the same levels in both",
            "tap the same levels for both"
        );
        return new Levels(x.Map(l => (l.Name, l.Signal.Map(v => v.With(misfit, y.Bind(o => o.Signal.Nodes))))));
    }

    /// <summary>
    /// Which words are there in what two signals are combined to: those that are there in both; one that is always
    /// there stands beside every word.
    /// </summary>
    internal static Option<Node> Both(Option<Node> left, Option<Node> right) =>
        (left.Case, right.Case) switch
        {
            (Cmsa.Dsl.Graphs.Node { Operation: Cmsa.Dsl.Graphs.Always }, Cmsa.Dsl.Graphs.Node) => right,
            (Cmsa.Dsl.Graphs.Node p, Cmsa.Dsl.Graphs.Node { Operation: not Cmsa.Dsl.Graphs.Always } q)
                when !ReferenceEquals(p, q) => Option<Node>.Some(p.And(q)),
            _ => left || right,
        };

    private InvalidOperationException Unlike(string expected) =>
        new($"Elaboration met {GetType().Name} where its kind promises {expected}.");
}
