using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>
/// Random programs of bare operations: sums, products, maps, distributions, means and attentions over whatever axes
/// there are, of inputs, of parameters without a batch, with axes of length 1 and masks over axes of their own. What
/// layers happen not to write, a layer of one's own may.
/// </summary>
internal static class Values
{
    private static readonly Many<Axis> real = [Axis.Word, Axis.Channel, Axis.Row, Axis.Column];
    private const int Widest = 7,
        Largest = 4000;

    /// <summary>A program of which every operation fits.</summary>
    public static Gen<Graph> Program { get; } = Any(4).Where(Fits).Select(Of);

    /// <summary>Smaller programs: the parts of a program.</summary>
    public static IEnumerable<Graph> Smaller(Graph graph) =>
        graph
            .Nodes.Filter(v =>
                !ReferenceEquals(v, graph.Output.Node) && IsReal(v) && v.Operation is not Input && Fits(v)
            )
            .Reverse()
            .Select(Of);

    private static bool IsReal(Node node) =>
        node.Operation is Rename ? IsReal(node.Operands[0]) : node.Type == ElementType.Real;

    // Equal inputs are one.
    private static Graph Of(Node node) =>
        Cmsa.Dsl.Graphs.Graph.Of(
            "program",
            GraphOptimizer.Rewrite(Cmsa.Dsl.Graphs.Graph.Of("program", node), []).Graph.Output.Node
        );

    private static int SizeOf(Axis axis) =>
        (axis.IsPrimed ? axis.Prime : axis) == Axis.Word || axis == Axis.Column || axis == Axis.Column.Prime ? 3 : 2;

    private static bool Fits(Node node) =>
        node.Shape.Axes.Count <= Widest
        && node.Shape.Count <= Largest
        && node.Errors.IsEmpty
        && node.Operands.ForAll(Fits);

    private static Gen<Node> Any(int depth) =>
        Choice.Of(
            depth,
            [() => Leaf(real)],
            [
                () => from x in Any(depth - 1) from y in Any(depth - 1) select x + y,
                () => from x in Any(depth - 1) from y in Any(depth - 1) select x * y,
                () =>
                    from x in Any(depth - 1)
                    from f in Gen.Elements(Function.Sigmoid, Function.Tanh, Function.Negate)
                    select x.Map(f),
                () => Any(depth - 1).SelectMany(Mapped),
                () => Joined(depth - 1),
                () => Any(depth - 1).SelectMany(Distributed),
                () => Any(depth - 1).SelectMany(Reduced),
                () => Any(depth - 1).SelectMany(Primed),
                () =>
                    from x in Any(depth - 1)
                    from y in Any(depth - 1)
                    from contracted in Contracted(x, y)
                    select contracted,
                () => Attention(depth - 2),
                () => Attention(depth - 2).SelectMany(Reduced),
            ]
        );

    // An input of some axes, or a parameter, which has no batch; sometimes of length 1 along one of them.
    private static Gen<Node> Leaf(Many<Axis> among) =>
        from axes in Some(among)
        from flat in Gen.Choose(0, 7)
        from given in Choice.Coin
        from name in Gen.Elements("a", "b")
        let shape = new Shape(axes.Select((axis, i) => new Dimension(axis, i == flat ? 1 : SizeOf(axis))))
        let called = $"{name}_{string.Join('_', shape.Dimensions.Map(d => $"{d.Axis.Name}{d.Size}"))}".Replace(
            '\'',
            'p'
        )
        select given || shape.Dimensions.IsEmpty
            ? new Node(new Input($"{called}_in", shape.With(Axis.Batch, 1)))
            : new Node(new Parameter(called, shape, new Initializer.Normal(1), Role.Bias));

    private static Gen<Many<Axis>> Some(Many<Axis> among) =>
        Gen.SubListOf(among.ToArray()).Select(some => some.ToMany());

    private static Gen<Many<Axis>> SomeOf(Node x) => Some(x.Shape.Axes.Filter(a => a != Axis.Batch));

    private static Gen<Node> Mapped(Node x) =>
        from side in Gen.Elements("u", "v")
        from bias in Choice.Coin
        from cells in Choice.Coin
        select Map(x, side, bias, cells);

    private static Node Map(Node x, string side, bool bias, bool cells)
    {
        if (!x.Shape.Has(Axis.Channel))
            return x;
        if (cells && x.Shape.Has(Axis.Row) && x.Shape.Has(Axis.Column))
            return new(new Convolve(1, 0, 1, 1), x, Weight(side, x, new(Axis.KernelRow, 1), new(Axis.KernelColumn, 1)));
        var mapped = x.Linear(Weight(side, x));
        var shift = new Parameter(
            "bias",
            new Shape(new Dimension(Axis.Channel, 2)),
            new Initializer.Fill(0),
            Role.Bias
        );
        return bias ? mapped + new Node(shift) : mapped;
    }

    private static Node Weight(string side, Node x, params Dimension[] kernel) =>
        new(
            new Parameter(
                $"{side}{x.Shape[Axis.Channel]}{kernel.Length}",
                new Shape([new(Axis.Out, 2), new(Axis.In, x.Shape[Axis.Channel]), .. kernel]),
                new Initializer.Normal(1),
                Role.Weight
            )
        );

    private static Gen<Node> Joined(int depth) =>
        from x in Any(depth)
        from y in Any(depth)
        from mapped in Choice.Coin
        from joined in mapped ? Mapped(Node.Concat(Axis.Channel, x, y)) : Gen.Constant(Node.Concat(Axis.Channel, x, y))
        select joined;

    private static Gen<Node> Distributed(Node x) =>
        from axes in SomeOf(x)
        from masked in Masked(x, axes)
        from logarithm in Choice.Coin
        select axes.IsEmpty ? x
        : logarithm && masked.IsNone ? x.LogSumExp(axes)
        : x.Softmax(axes, masked);

    private static Gen<Node> Reduced(Node x) =>
        from axes in SomeOf(x)
        from masked in Masked(x, axes)
        from how in Gen.Elements(Reduction.Mean, Reduction.Mean, Reduction.Sum, Reduction.Max)
        select axes.IsEmpty ? x : x.Reduce(how, axes, masked);

    // Which words are there, which places differ, or both; the mask may have axes that the value lacks.
    private static Gen<LanguageExt.Option<Node>> Masked(Node x, Many<Axis> axes) =>
        from which in Gen.Choose(0, 7)
        select Masks(x, axes).Index().Where(m => ((which >> m.Index) & 1) == 1).Select(m => m.Item).ToMany()
            is { IsEmpty: false } masks
            ? LanguageExt.Option<Node>.Some(masks.Tail.Fold(masks.Head, (a, b) => a.And(b)))
            : LanguageExt.Option<Node>.None;

    private static Many<Node> Masks(Node x, Many<Axis> axes)
    {
        Node present = new(
            new Input(
                "present",
                new Shape(new Dimension(Axis.Batch, 1), new(Axis.Word, SizeOf(Axis.Word))),
                ElementType.Boolean
            )
        );
        return
        [
            .. axes.Contains(Axis.Word) || x.Shape.Has(Axis.Word) ? [present] : (Node[])[],
            .. axes.Contains(Axis.Word.Prime)
                ?
                [
                    present.Rename((Axis.Word, Axis.Word.Prime)),
                    new(new NotEqual(new Shape(new Dimension(Axis.Word, SizeOf(Axis.Word))))),
                ]
                : (Node[])[],
            .. axes.Contains(Axis.Row.Prime) && axes.Contains(Axis.Column.Prime)
                ?
                [
                    new(
                        new NotEqual(
                            new Shape(new Dimension(Axis.Row, SizeOf(Axis.Row)), new(Axis.Column, SizeOf(Axis.Column)))
                        )
                    ),
                ]
                : (Node[])[],
        ];
    }

    private static Gen<Node> Primed(Node x) =>
        SomeOf(x)
            .Select(axes =>
                axes.Filter(a => !a.IsPrimed && a != Axis.Channel && !x.Shape.Has(a.Prime))
                    is { IsEmpty: false } movable
                    ? x.Prime(movable)
                    : x
            );

    private static Gen<Node> Contracted(Node x, Node y) =>
        Some(x.Shape.Axes.Filter(a => a != Axis.Batch && y.Shape.Has(a)))
            .Select(over => over.IsEmpty ? x * y : x.Contract(y, over));

    // softmax(q . k) v over some places, of whatever queries, keys and values are.
    private static Gen<Node> Attention(int depth) =>
        from near in Any(depth)
        from far in Any(depth)
        from values in Any(depth)
        from axes in Some([Axis.Word, Axis.Row, Axis.Column])
        let over = axes.Map(a => a.Prime)
        let key = far.Prime(axes.Filter(a => !far.Shape.Has(a.Prime)))
        let scores = near.Shape.Has(Axis.Channel) && key.Shape.Has(Axis.Channel)
            ? near.Contract(key, [Axis.Channel])
            : near + key
        from masked in Masked(scores, over)
        select over.Filter(scores.Shape.Has) is { IsEmpty: false } reached
            ? scores
                .Softmax(reached, masked)
                .Contract(values.Prime(axes.Filter(a => !values.Shape.Has(a.Prime))), reached)
            : scores;
}
