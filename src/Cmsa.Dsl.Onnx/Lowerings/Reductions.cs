using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Sums, means and maxima.</summary>
internal static class Reductions
{
    public static Value Reduce(Graphs.Reduce reduce, Node node, Many<Value> x, Emitter emit)
    {
        if (x.Count == 1)
            return emit.Reduce(Operator(reduce.Reduction), x[0], reduce.Axes);
        var order = node.Operands.Map(o => o.Shape).Whole.Axes;
        var axes = reduce.Axes.Filter(order.Contains);
        var value = emit.Exactly(x[0]);
        var reduced =
            reduce.Reduction == Reduction.Max
                ? Max(value, x[1], order, axes, emit)
                : Sum(value, x[1], order, axes, reduce.Reduction == Reduction.Mean && !axes.IsEmpty, emit);
        return emit.Cast(reduced, emit.Real);
    }

    private static string Operator(Reduction reduction) =>
        reduction switch
        {
            Reduction.Sum => "ReduceSum",
            Reduction.Mean => "ReduceMean",
            _ => "ReduceMax",
        };

    private static Value Max(Value x, Value present, Many<Axis> order, Many<Axis> axes, Emitter emit)
    {
        var masked = emit.Where(present, x, Limits.Lowest(x.Type), order);
        var greatest = emit.Reduce("ReduceMax", masked, axes, keep: true);
        // True as 1: the greatest of them says whether there is one.
        var any = emit.Cast(
            emit.Reduce("ReduceMax", emit.Cast(present, DataType.Int32), axes, keep: true),
            DataType.Bool
        );
        return emit.Squeeze(emit.Where(any, greatest, 0, order), axes);
    }

    private static Value Sum(Value x, Value present, Many<Axis> order, Many<Axis> axes, bool mean, Emitter emit)
    {
        var masked = emit.Where(present, x, 0, order);
        var sum = emit.Reduce("ReduceSum", masked, axes, keep: true);
        if (!mean)
            return emit.Squeeze(sum, axes);
        var counted = emit.Reduce("ReduceSum", emit.Cast(present, x.Type), axes, keep: true);
        // Along an axis that the booleans lack, each stands for all.
        var each = axes.Fold(1.0, (product, a) => product * (present[a] == 1 ? masked[a] : 1));
        var count = emit.AtLeast(emit.Times(counted, emit.Number(each, x.Type)), 1);
        return emit.Squeeze(emit.Each("Div", sum, count, order), axes);
    }
}
