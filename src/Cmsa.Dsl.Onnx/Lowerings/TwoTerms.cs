using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>
/// Logits <c>x_ij + y_nj</c> laid out as matrices <c>[outer, i, j]</c> and <c>[outer, n, j]</c>, -infinity where an
/// element takes no part. Their exponentials
/// are products of factors, so that no logit for each i, n and j is held.
/// </summary>
internal sealed class TwoTerms
{
    public static readonly Axis I = new("i"),
        N = new("n"),
        J = new("j");

    private readonly Emitter emit;

    private TwoTerms(Emitter emit, Many<Axis> outer, Value rows, Value columns)
    {
        (this.emit, Outer, Rows, Columns) = (emit, outer, rows, columns);
        Top = Peak(rows);
        Side = Peak(columns);
        E = emit.Each("Exp", emit.Minus(rows, Top));
        D = emit.Each("Exp", emit.Minus(columns, Side));
        Z = emit.MatMul(E, emit.Transposed(D));
    }

    /// <summary>The axes that both terms have, which are not summed over.</summary>
    public Many<Axis> Outer { get; }

    public Value Rows { get; }

    public Value Columns { get; }

    /// <summary>The greatest of each row, a finite number where the row has none.</summary>
    public Value Top { get; }

    /// <summary>The greatest for each n.</summary>
    public Value Side { get; }

    /// <summary>The factor of the rows.</summary>
    public Value E { get; }

    /// <summary>The factor of the columns.</summary>
    public Value D { get; }

    /// <summary>The sums of exponentials <c>[outer, i, n]</c>.</summary>
    public Value Z { get; }

    /// <summary>Whether no sum is so small that its factors may have underflowed.</summary>
    public Value IsSafe()
    {
        var least = emit.Reduce("ReduceMin", Z, Z.Axes);
        var limit = Z.Type == DataType.Double ? 1e-100 : 1e-12;
        return emit.Each("GreaterOrEqual", least, emit.Number(limit, Z.Type), DataType.Bool);
    }

    /// <summary>The layout of two terms.</summary>
    /// <param name="node">The node whose first two operands they are.</param>
    /// <param name="x">Its operands; the last is the mask where there is one.</param>
    /// <param name="axes">The axes j.</param>
    /// <param name="masked">Whether there is a mask.</param>
    /// <param name="emit">Where the operators go.</param>
    public static TwoTerms Of(Node node, Many<Value> x, Many<Axis> axes, bool masked, Emitter emit)
    {
        var mask = masked ? x[^1] : null;
        var (first, second) = (First(node, axes), Second(node, axes));
        var outer = OuterOf(node, axes, masked);
        var parts = Sizes.Broadcast(axes, [x[0], x[1], .. mask is null ? (Many<Value>)[] : [mask]]);

        var rows = Flat(emit.Exactly(x[0]), outer, first, I, parts, emit);
        var columns = Flat(emit.Exactly(x[1]), outer, second, N, parts, emit);
        if (mask is not null)
        {
            var (onFirst, onSecond) = (first.Exists(mask.Has), second.Exists(mask.Has));
            var present = Flat(
                mask,
                outer,
                onFirst ? first
                    : onSecond ? second
                    : [],
                onSecond ? N : I,
                parts,
                emit
            );
            if (!onSecond)
                rows = emit.Where(present, rows, double.NegativeInfinity, rows.Axes);
            if (onSecond)
                columns = emit.Where(present, columns, double.NegativeInfinity, columns.Axes);
            if (!onFirst && !onSecond)
                columns = Both(present, columns);
        }
        return new(emit, outer, rows, columns);

        // A mask that tells neither i nor n apart takes part in both.
        Value Both(Value present, Value of) =>
            emit.Where(
                present with
                {
                    Dimensions = present.Dimensions.Map(d => d.Axis == I ? d with { Axis = N } : d),
                },
                of,
                double.NegativeInfinity,
                of.Axes
            );
    }

    /// <summary>The axes i: of the first term alone.</summary>
    public static Many<Axis> First(Node node, Many<Axis> axes) =>
        Own(node.Operands[0].Shape, node.Operands[1].Shape, axes);

    /// <summary>The axes n: of the second term alone.</summary>
    public static Many<Axis> Second(Node node, Many<Axis> axes) =>
        Own(node.Operands[1].Shape, node.Operands[0].Shape, axes);

    private static Many<Axis> Own(Shape one, Shape other, Many<Axis> axes) =>
        one.Axes.Filter(a => !axes.Contains(a) && !other.Has(a) && a != Axis.Batch);

    private static Many<Axis> OuterOf(Node node, Many<Axis> axes, bool masked)
    {
        var (x, y) = (node.Operands[0].Shape, node.Operands[1].Shape);
        var both = x.Axes.Filter(a => !axes.Contains(a) && y.Has(a));
        var batched = x.Has(Axis.Batch) || y.Has(Axis.Batch) || (masked && node.Operands[^1].Shape.Has(Axis.Batch));
        return batched && !both.Contains(Axis.Batch) ? [Axis.Batch, .. both] : both;
    }

    /// <summary>
    /// A value as <c>[outer, middle, j]</c>, repeated along the axes j that it lacks; of the outer axes those that it
    /// lacks stay of length 1.
    /// </summary>
    private static Value Flat(
        Value x,
        Many<Axis> outer,
        Many<Axis> middle,
        Axis merged,
        Many<Dimension> parts,
        Emitter emit
    )
    {
        var arranged = emit.Arrange(x, outer + middle + parts.Map(d => d.Axis));
        var whole = emit.Expand(arranged, arranged.Dimensions.Take(outer.Count + middle.Count) + parts);
        var rows = emit.Merge(whole, middle, merged, outer.Count);
        return emit.Merge(rows, parts.Map(d => d.Axis), J, outer.Count + 1);
    }

    private Value Peak(Value x) => emit.AtLeast(emit.Reduce("ReduceMax", x, [J], keep: true), Limits.NoLogit);
}
