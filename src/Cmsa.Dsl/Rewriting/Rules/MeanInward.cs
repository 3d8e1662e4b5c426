using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// Averages move inward through whatever is linear, so that one average is mapped and not every element.
/// </summary>
public static class MeanInward
{
    /// <summary>Through a sum; a term that lacks the axis is its own mean.</summary>
    public static Rule ThroughSum { get; } =
        new(
            "mean of sum",
            "mean_n (x_n + y) = mean_n x_n + y",
            node =>
                Matches(node, out var axes, out var of)
                && of.Operation is Add
                && of.Operands.Exists(o => Lacks(o, axes) || Moves(o, axes))
                    ? Some(of.Operands.Map(o => Mean(node, o, axes)).Sum().As(node.Shape))
                    : None
        );

    /// <summary>Through a concatenation along another axis.</summary>
    public static Rule ThroughConcat { get; } =
        new(
            "mean of concat",
            "mean_n [x_n; y] = [mean_n x_n; y]",
            node =>
                Matches(node, out var axes, out var of) && of.Operation is Concat(var along) && !axes.Contains(along)
                    ? Some(Node.Concat(along, of.Operands.Map(o => Mean(node, o, axes))).As(node.Shape))
                    : None
        );

    /// <summary>
    /// Through an operation that is linear in the one operand that has the axis, and does not mix along it.
    /// </summary>
    public static Rule ThroughLinear { get; } =
        new(
            "mean of linear",
            "mean_n L x_n = L mean_n x_n",
            node =>
                Matches(node, out var axes, out var of)
                && Moves(of, axes)
                && of.Operation is not (Add or Concat)
                && !SpreadsOver(of, axes)
                    ? Some(new Node(of.Operation, of.Operands.Map(o => Mean(node, o, axes))).As(node.Shape))
                    : None
        );

    /// <summary>Through a product with a sum one of whose terms it moves through then.</summary>
    public static Rule ThroughProduct { get; } =
        new(
            "mean of product",
            "mean_n g_n (x_n + y_n) = mean_n g_n x_n + mean_n g_n y_n",
            node =>
                Matches(node, out var axes, out var of)
                && SpreadsOver(of, axes)
                && Scaled<Add>(of).Case is (Node factor, Node sum)
                    ? Some(sum.Addends.Map(g => Mean(node, factor * g, axes)).Sum().As(node.Shape))
                    : None
        );

    /// <summary>Through an attention whose weights have factors of their own.</summary>
    public static Rule ThroughAttention { get; } =
        new(
            "mean of attention",
            "mean_n g_n sum_j a_nj v_j = sum_j (mean_n g_n a_nj) v_j",
            node =>
                Matches(node, out var axes, out var of)
                && Scaled<Contract>(of).Case
                    is (
                        Node factor,
                        Node { Operation: Contract(var over), Operands: [var weights, var values] } attention
                    )
                && Scales(factor, attention, axes)
                    ? Some(Mean(node, factor * weights, axes).Contract(values, over).As(node.Shape))
                    : None
        );

    // A product of which one factor is of some operation, and the others.
    private static Option<(Node Factor, Node Of)> Scaled<T>(Node product)
        where T : Operation =>
        product.Factors is { Count: > 1 } factors && factors.Filter(f => f.Operation is T) is [var one]
            ? Some((factors.Filter(f => f != one).Product(), one))
            : None;

    private static bool SpreadsOver(Node of, Many<Axis> axes) =>
        Scaled<Add>(of).Case is (Node factor, Node sum)
        && sum.Addends.Exists(g => Scales(factor, g, axes) || Lacks(g, axes));

    private static bool Scales(Node factor, Node attention, Many<Axis> axes) =>
        attention is { Operation: Contract(var over), Operands: [var weights, var values] }
        && Lacks(values, axes)
        && factor.Shape.Axes.ForAll(a => !over.Contains(a) && a != Axis.Channel)
        && Averages(factor * weights, axes);

    private static bool Matches(Node node, out Many<Axis> axes, out Node of)
    {
        (axes, of) =
            node is { Operation: Reduce(Reduction.Mean, var over), Operands: [var x, .. var present] }
            && present.ForAll(p => p.Shape.Axes.ForAll(a => a == Axis.Batch || over.Contains(a)) && p.IsCertain(over))
                ? (over, x)
                : ([], node);
        return !axes.IsEmpty;
    }

    private static bool Moves(Node of, Many<Axis> axes) =>
        of.Operation is Concat(var along) ? !axes.Contains(along)
        : of.Operation is Add ? of.Operands.Exists(o => Lacks(o, axes) || Moves(o, axes))
        : SpreadsOver(of, axes) ? true
        : of.Operation.ReducedAxes is { } mixes
            && axes.ForAll(a => !mixes.Contains(a))
            // Of two means either moves through the other: the one over axes that stand first does.
            && (of.Operation is not Reduce(Reduction.Mean, var inner) || axes.ForAll(a => inner.ForAll(i => a < i)))
            && Many.Range(of.Operands.Count).Filter(i => axes.Exists(of.Operands[i].Shape.Has)) is [var only]
            && of.Operation.IsLinearIn(only)
            && axes.ForAll(of.Operands[only].Shape.Has)
            && (
                of.Operation is not Contract
                || of.Operands[only].Operation is not Softmax
                || Averages(of.Operands[only], axes)
            );

    // An attention whose weights cannot be averaged as a whole is better left to a kernel that never holds them.
    private static bool Averages(Node softmax, Many<Axis> axes) =>
        MeanOfSoftmax.Rule.Apply(softmax.Reduce(Reduction.Mean, axes)).IsSome;

    private static bool Lacks(Node x, Many<Axis> axes) => axes.ForAll(a => !x.Shape.Has(a));

    private static Node Mean(Node reduce, Node x, Many<Axis> axes) =>
        Lacks(x, axes) ? x : new Node(reduce.Operation, [x, .. reduce.Operands.Tail]);
}
