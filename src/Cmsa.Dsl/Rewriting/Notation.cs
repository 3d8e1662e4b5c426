using System.Globalization;
using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Rewriting;

/// <summary>An equation between what a rule looks for and what takes its place.</summary>
/// <param name="Before">What it looks for.</param>
/// <param name="After">What takes its place.</param>
/// <param name="Where">What stands several times in the latter, each written out once.</param>
public sealed record Law(string Before, string After, Many<string> Where)
{
    /// <summary>The equation on lines of its own for its two sides, where it is too long for one.</summary>
    public Many<string> Lines =>
        $"{this}".Length <= 110 ? [$"{this}"] : [Before, $"  = {After}", .. Where.Map(text => $"  where {text}")];

    /// <summary>The equation on one line.</summary>
    public override string ToString() =>
        $"{Before} = {After}{(Where.IsEmpty ? "" : $" where {string.Join(", ", Where)}")}";
}

/// <summary>Nodes as equations: <c>softmax_ij(x_i + y_j) = softmax_i(x_i) softmax_j(y_j)</c>.</summary>
internal sealed class Notation
{
    // How tightly an operation binds: a sum least, a leaf most.
    private const int Loose = 0,
        OfSum = 1,
        OfProduct = 2,
        OfMap = 3,
        Leaf = 9;

    private static readonly string[] letters = ["i", "j", "k", "l", "n", "p"];

    // Letters for what stands several times, where no leaf is called so.
    private const string Names = "stuwzdefho";

    // Axes that go along without a letter, unless something sums over them or renames them.
    private static readonly Many<Axis> unwritten =
    [
        Axis.Batch,
        Axis.Channel,
        Axis.Out,
        Axis.In,
        Axis.KernelRow,
        Axis.KernelColumn,
        Axis.Head,
        TransformKernel.Point,
    ];

    private readonly Dictionary<Axis, string> subscripts;
    private readonly Dictionary<Node, string> shared = new(ReferenceEqualityComparer.Instance);

    private Notation(Many<Node> sides)
    {
        var all = sides.Bind(Reached);
        var isOnMaps = all.Exists(n => n.Operation is Convolve or TiledConvolve);
        var free = all.Bind(n => n.Shape.Axes)
            .Filter(a => !unwritten.Contains(a) && !(isOnMaps && (a == Axis.Row || a == Axis.Column)));
        var indexed = (sides.Bind(Indexed) + free).Distinct();
        subscripts = indexed
            .Zip([.. letters], (axis, letter) => (axis, letter))
            .ToDictionary(p => p.axis, p => p.letter);
    }

    /// <summary>
    /// Two equal nodes as an equation. What stands several times on the right has a name and is written out once.
    /// </summary>
    public static Law Equation(Node left, Node right)
    {
        var notation = new Notation([left, right]);
        var before = notation.Text(left, Loose);
        var leaves = Reached(right)
            .Map(n =>
                n.Operation switch
                {
                    Input i => i.Name,
                    Parameter p => p.Path,
                    _ => "",
                }
            );
        var names = new Queue<char>(Names.Where(letter => !leaves.Contains($"{letter}")));
        var defined = new List<string>();
        foreach (var node in Often(right))
        {
            var text = notation.Text(node, Loose);
            notation.shared[node] = names.Dequeue() + notation.Sub(node.Shape.Axes);
            defined.Add($"{notation.shared[node]} = {text}");
        }
        // What takes a node's place is repeated as it must be.
        var after = notation.Text(right.Operation is Repeat ? right.Operands[0] : right, Loose);
        return new(before, after, defined.ToMany());
    }

    private static Many<Node> Reached(Node node) => [node, .. node.Operands.Bind(Reached)];

    // Axes that something sums over or renames have the first letters.
    private static Many<Axis> Indexed(Node node)
    {
        Many<Axis> own = node.Operation switch
        {
            Softmax(var axes) => axes,
            LogSumExp(var axes) => axes,
            FactoredLogSumExp(var axes, _) => axes,
            AverageSoftmax average => average.Axes + average.Averaged,
            Reduce(_, var axes) => axes,
            Contract(var axes) => axes.Filter(a => a != Axis.Channel),
            FusedAttention(var axes) => axes,
            Rename(var names) => names.Bind<Axis>(n => [n.From, n.To]),
            Repeat(var along) => along.Axes.Filter(a => a != Axis.Batch),
            NotEqual(var of) => of.Axes + of.Axes.Map(a => a.Prime),
            Recur or LastOne => [Axis.Word],
            _ => [],
        };
        return own + node.Operands.Bind(Indexed);
    }

    // What is computed and stands several times, innermost first.
    private static Many<Node> Often(Node whole)
    {
        var counts = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        var order = new List<Node>();
        Count(whole);
        return order.Where(n => counts[n] > 1 && IsWorthAName(n)).ToMany();

        void Count(Node node)
        {
            counts[node] = counts.GetValueOrDefault(node) + 1;
            if (counts[node] > 1)
                return;
            foreach (var operand in node.Operands)
                Count(operand);
            order.Add(node);
        }

        static bool IsWorthAName(Node node) =>
            node.Operation switch
            {
                Repeat or Rename => IsWorthAName(node.Operands[0]),
                Slice => false,
                _ => !node.Operands.IsEmpty,
            };
    }

    private string Text(Node node, int level)
    {
        if (shared.TryGetValue(node, out var name))
            return name;
        var (own, text) = Write(node);
        return own < level ? $"({text})" : text;
    }

    private (int Level, string Text) Write(Node node) =>
        node.Operation switch
        {
            Input(var name, var of, _) => (Leaf, name + Sub(of.Axes)),
            Parameter(var path, var of, _, _) => (Leaf, path + Sub(of.Axes)),
            Constant(var number) => (Leaf, Number(number)),
            Add when node.Operands[1].Operation is Apply(Function.Negate) => (
                OfSum,
                $"{At(node, 0, OfSum)} - {Text(node.Operands[1].Operands[0], OfProduct)}"
            ),
            Add => (OfSum, $"{At(node, 0, OfSum)} + {At(node, 1, OfSum)}"),
            Multiply => (OfProduct, $"{At(node, 0, OfProduct)} {At(node, 1, OfProduct)}"),
            Linear or Convolve when node.Operands.Count == 2 => (
                OfProduct,
                $"{At(node, 1, OfMap)} {At(node, 0, OfMap)}"
            ),
            Linear or Convolve => (OfMap, $"affine({All(node)})"),
            TiledConvolve => (OfMap, $"tiled({All(node)})"),
            TransformKernel => (OfMap, $"transformed({All(node)})"),
            ChannelsInnermost => (OfMap, $"channels_last({All(node)})"),
            Softmax(var axes) => (OfMap, $"softmax{Sub(axes)}({At(node, 0, Loose)}{Given(node, 1)})"),
            LogSumExp(var axes) => (OfMap, $"logsumexp{Sub(axes)}({At(node, 0, Loose)}{Given(node, 1)})"),
            FactoredLogSumExp(var axes, _) => (
                OfMap,
                $"factored_logsumexp{Sub(axes)}({Terms(node, 2)}{Given(node, 2)})"
            ),
            AverageSoftmax average => (OfMap, Average(node, average)),
            FusedAttention(var axes) => (
                OfMap,
                $"attention{Sub(axes)}({At(node, 2, Loose)}, {At(node, 1, Loose)}, {At(node, 0, Loose)}{Given(node, 3)})"
            ),
            Reduce(var how, var axes) => (OfMap, $"{Lower(how)}{Sub(axes)}({At(node, 0, Loose)}{Given(node, 1)})"),
            Contract(var axes) when axes == [Axis.Channel] => (
                OfProduct,
                $"{At(node, 0, OfMap)} . {At(node, 1, OfMap)}"
            ),
            Contract(var axes) => (OfProduct, $"sum{Sub(axes)} {At(node, 0, OfMap)} {At(node, 1, OfMap)}"),
            Concat => (Leaf, $"[{string.Join("; ", node.Operands.Map(o => Text(o, Loose)))}]"),
            Slice(_, var start, var length) => (Leaf, $"{At(node, 0, OfMap)}[{start}..{start + length}]"),
            Rename(var names) => (
                Leaf,
                $"{At(node, 0, Leaf)}[{string.Join(", ", names.Map(n => $"{Letter(n.From)} -> {Letter(n.To)}"))}]"
            ),
            Repeat(var along) => (Leaf, $"repeat{Sub(along.Axes)}({At(node, 0, Loose)})"),
            NormaliseBatch(var epsilon, _, _) => (
                OfSum,
                $"{At(node, 1, OfProduct)} ({At(node, 0, OfSum)} - {At(node, 3, OfProduct)})"
                    + $" / sqrt({At(node, 4, OfSum)} + {Number(epsilon)}) + {At(node, 2, OfSum)}"
            ),
            Apply(Function.InverseRoot) => (OfMap, $"1/sqrt({All(node)})"),
            Apply(Function.Negate) => (OfSum, $"-{At(node, 0, OfProduct)}"),
            Apply(var function) => (OfMap, $"{function.ToString().ToLowerInvariant()}({All(node)})"),
            Logic(Connective.And) => (OfSum, $"{At(node, 0, OfSum)} and {At(node, 1, OfSum)}"),
            Logic(Connective.Or) => (OfSum, $"{At(node, 0, OfProduct)} or {At(node, 1, OfProduct)}"),
            Logic => (OfSum, $"({At(node, 0, OfProduct)} same as {At(node, 1, OfProduct)})"),
            NotEqual(var of) => (OfProduct, string.Join(" or ", of.Axes.Map(a => $"{Letter(a)} != {Letter(a.Prime)}"))),
            Drop => (OfMap, $"dropout({All(node)})"),
            Recur { Cell: RecurrentCell.Lstm or RecurrentCell.LstmWithPeepholes } recur => (OfMap, Recurring("recur", recur, node)),
            Recur recur => (OfMap, Recurring("gru", recur, node)),
            LastOne => (OfMap, $"last({All(node)})"),
            var other => (OfMap, $"{other.GetType().Name}({All(node)})"),
        };

    private string Recurring(string name, Recur recur, Node node) => $"{name}{(recur.Last ? "_last" : "")}({All(node)})";

    private string Average(Node node, AverageSoftmax average)
    {
        var at = 2;
        var factors = average.Weighted ? $"{At(node, at++, OfMap)} * " : "";
        var counted = average.Counted ? Given(node, at++) : "";
        var masked = average.Masked ? Given(node, at) : "";
        return $"mean_of_softmax{Sub(average.Averaged)}({factors}softmax{Sub(average.Axes)}({Terms(node, 2)}{masked}){counted})";
    }

    private string Terms(Node node, int count) =>
        string.Join(" + ", node.Operands.Take(count).Map(o => Text(o, OfSum)));

    private string All(Node node) => string.Join(", ", node.Operands.Map(o => Text(o, Loose)));

    private string At(Node node, int operand, int level) => Text(node.Operands[operand], level);

    private string Given(Node node, int operand) =>
        node.Operands.Count > operand ? $" | {At(node, operand, Loose)}" : "";

    private string Sub(Many<Axis> axes)
    {
        var known = string.Concat(axes.Filter(subscripts.ContainsKey).Map(a => subscripts[a]).Order());
        return known.Length == 0 ? "" : $"_{known}";
    }

    private string Letter(Axis axis) => subscripts.GetValueOrDefault(axis, axis.Name);

    private static string Lower(Reduction how) => how.ToString().ToLowerInvariant();

    private static string Number(double number) => number.ToString("g3", CultureInfo.InvariantCulture);
}
