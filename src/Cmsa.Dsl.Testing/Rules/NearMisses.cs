using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// Graphs that differ little from one: a leaf has an axis more, an axis less or an axis of length 1; a mask is added or
/// left out; an operation is along other axes or of another kind. What a rule does to them shows whether it looks
/// closely enough.
/// </summary>
public static class NearMisses
{
    private const int Largest = 3000;
    private static readonly Many<Axis> ofWeights = [Axis.Out, Axis.In];
    private static readonly Many<Axis> ofKernels = [Axis.KernelRow, Axis.KernelColumn];

    /// <summary>All graphs one step away, each once; those that do not fit together are left out.</summary>
    public static Many<Node> OneStep(Node whole) => Distinct(Steps(whole)).ToMany();

    /// <summary>
    /// Graphs two steps away, each once, those one step away left out: an even choice of so many where there are more.
    /// </summary>
    public static Many<Node> TwoSteps(Node whole, int most)
    {
        var near = OneStep(whole);
        var seen = near.Select(Key).Append(Key(whole)).ToHashSet();
        var all = Distinct(Chosen(near, 24).SelectMany(Steps)).Where(n => !seen.Contains(Key(n))).ToMany();
        return Chosen(all, most);
    }

    /// <summary>An even choice of some of a list.</summary>
    internal static Many<T> Chosen<T>(Many<T> all, int most) =>
        all.Count <= most ? all : [.. Enumerable.Range(0, most).Select(i => all[(int)((long)i * all.Count / most)])];

    private static IEnumerable<Node> Distinct(IEnumerable<Node> nodes) => nodes.Where(Fits).DistinctBy(Key);

    private static string Key(Node node) => Cmsa.Dsl.Graphs.Graph.Of("near", node).ToString();

    private static bool Fits(Node whole) =>
        whole.Shape.Count <= Largest
        && whole.Type == ElementType.Real
        && whole.All().All(n => n.Errors.IsEmpty && n.Shape.Count <= 10 * Largest);

    /// <summary>All nodes that a node is made of, and itself, each once, operands first.</summary>
    internal static Many<Node> All(this Node whole)
    {
        var found = new List<Node>();
        var seen = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        Visit(whole);
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

    /// <summary>A node with one of those that it is made of replaced.</summary>
    internal static Node Replacing(this Node whole, Node old, Node by)
    {
        var done = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance) { [old] = by };
        return Visit(whole);

        Node Visit(Node node)
        {
            if (done.TryGetValue(node, out var known))
                return known;
            if (node.Operands.IsEmpty)
                return done[node] = node;
            return done[node] = new Node(node.Operation, node.Operands.Map(Visit));
        }
    }

    private static IEnumerable<Node> Steps(Node whole)
    {
        var all = whole.All();
        var sizes = all.Bind(n => n.Shape.Dimensions)
            .Filter(d => d.Size > 1 && IsFree(d.Axis))
            .DistinctBy(d => d.Axis)
            .ToMany();
        foreach (var node in all)
        {
            var others = node.Operands.IsEmpty ? Leaves(node, sizes) : Masked(node).Concat(Operations(node));
            foreach (var other in others)
                yield return whole.Replacing(node, other);
        }
    }

    private static bool IsFree(Axis axis) =>
        axis != Axis.Batch && !ofWeights.Contains(axis) && !ofKernels.Contains(axis);

    private static IEnumerable<Node> Leaves(Node leaf, Many<Dimension> sizes) =>
        Shapes(leaf.Shape, sizes).SelectMany(shape => Leaf(leaf.Operation, shape));

    private static IEnumerable<Shape> Shapes(Shape shape, Many<Dimension> sizes)
    {
        if (shape.Has(Axis.In))
            return shape.Has(Axis.KernelRow)
                ? [shape.With(Axis.KernelRow, 1).With(Axis.KernelColumn, 1), shape.With(Axis.KernelRow, 1)]
                : [];
        var others = sizes.Add(new(Axis.Head, 2)).Filter(d => !shape.Has(d.Axis)).DistinctBy(d => d.Axis);
        var more = others.Select(d => shape.With(d.Axis, d.Size));
        var less = shape.Axes.Select(a => shape.Without(a));
        var ofOne = shape.Dimensions.Filter(d => d.Size > 1).Select(d => shape.With(d.Axis, 1));
        return [.. more, .. less, .. ofOne, .. shape.Has(Axis.Batch) ? (Shape[])[] : [shape.With(Axis.Batch, 1)]];
    }

    // What has no batch is a parameter; what has one is an input.
    private static IEnumerable<Node> Leaf(Operation operation, Shape shape) =>
        (operation, shape.Has(Axis.Batch)) switch
        {
            (Input input, true) => [new(input with { Of = shape })],
            (Input { Element: ElementType.Real } input, false) =>
            [
                new(new Parameter($"{input.Name}_own", shape, new Initializer.Normal(1), Role.Weight)),
            ],
            (Parameter { Role: not Role.Statistic } parameter, false) => [new(parameter with { Of = shape })],
            (Parameter { Role: not Role.Statistic } parameter, true) =>
            [
                new(new Input($"{parameter.Path}_given", shape)),
            ],
            _ => [],
        };

    private static IEnumerable<Node> Masked(Node node)
    {
        var axes = node.Operation switch
        {
            Softmax(var a) => a,
            LogSumExp(var a) => a,
            Reduce(_, var a) => a,
            _ => default,
        };
        if (node.Operation is not (Softmax or LogSumExp or Reduce))
            return [];
        if (node.Operands.Count > 1)
            return [new(node.Operation, node.Operands.Take(1))];
        var free = node.Operands[0]
            .Shape.Dimensions.Filter(d => IsFree(d.Axis) && (axes.Contains(d.Axis) || d.Axis == Axis.Word));
        return free.Select(d => new Node(node.Operation, node.Operands[0], Present(d)));
    }

    private static Node Present(Dimension along)
    {
        var name = $"near_{along.Axis.Name.Replace("'", "_far", StringComparison.Ordinal)}{along.Size}";
        return new(new Input(name, new(new(Axis.Batch, 1), along), ElementType.Boolean));
    }

    private static IEnumerable<Node> Operations(Node node)
    {
        var there = node.Operands.Bind(o => o.Shape.Axes).Distinct().Filter(IsFree);
        return Others(node.Operation, there).Select(other => new Node(other, node.Operands));
    }

    private static IEnumerable<Operation> Others(Operation operation, Many<Axis> there) =>
        operation switch
        {
            Softmax(var axes) => Along(axes, there).Select(a => new Softmax(a)),
            LogSumExp(var axes) => Along(axes, there).Append([]).Select(a => new LogSumExp(a)),
            Contract(var axes) => Along(axes, there).Select(a => new Contract(a)),
            Reduce(var how, var axes) => Along(axes, there)
                .Select(a => new Reduce(how, a))
                .Concat(Enum.GetValues<Reduction>().Where(h => h != how).Select(h => new Reduce(h, axes))),
            Convolve c =>
            [
                c with { Stride = 2 },
                c with { Dilation = 2 },
                c with { Padding = c.Padding.Map(p => p + 1) },
                c with { Stride = (1, 2) },
                c with { Dilation = (2, 1) },
                c with { Padding = (c.Padding.Rows, c.Padding.Columns + 1) },
            ],
            Concat(var axis) => there.Filter(a => a != axis).Select(a => new Concat(a)),
            Logic logic => Enum.GetValues<Connective>().Where(c => c != logic.Connective).Select(c => new Logic(c)),
            Add => [new Multiply()],
            Multiply => [new Add()],
            Apply(var function) when function != Function.InverseRoot =>
            [
                new Apply(Function.Negate),
                new Apply(Function.Sigmoid),
            ],
            _ => [],
        };

    // One axis less or one more.
    private static IEnumerable<Many<Axis>> Along(Many<Axis> axes, Many<Axis> there) =>
        axes.Select(a => axes.Filter(other => other != a))
            .Where(a => !a.IsEmpty)
            .Concat(there.Filter(a => !axes.Contains(a)).Select(axes.Add));
}
