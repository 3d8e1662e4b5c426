using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Softmax and log-sum-exp along any axes.</summary>
internal static class Distributions
{
    private static readonly Axis flat = new("flat");

    public static Value Softmax(Softmax softmax, Node node, Many<Value> x, Emitter emit)
    {
        var order = node.Shape.Axes;
        var over = order.Filter(softmax.Axes.Contains);
        var exact = emit.Exactly(x[0]);
        var logits = x.Count > 1 ? emit.Where(x[1], exact, Limits.Lowest(exact.Type), order) : exact;
        var weights = Along(logits, over, emit);
        return emit.Cast(x.Count > 1 ? emit.Where(x[1], weights, 0, order) : weights, emit.Real);
    }

    /// <summary>
    /// A distribution along some axes, which become one for it; they are moved only where they are not next to each
    /// other.
    /// </summary>
    private static Value Along(Value x, Many<Axis> over, Emitter emit)
    {
        if (over is [var only])
            return emit.Softmax(x, x.At(only));
        var first = over.IsEmpty ? x.Rank : x.At(over.Head);
        var adjacent = x.Axes.Skip(first).Take(over.Count).SequenceEqual(over);
        var rest = x.Axes.Filter(a => !over.Contains(a));
        var arranged = adjacent ? x : emit.Arrange(x, rest + over);
        var at = adjacent ? first : rest.Count;
        var weights = emit.Softmax(emit.Merge(arranged, over, flat, at), at);
        return emit.Arrange(emit.Reshape(weights, arranged.Dimensions), x.Axes);
    }

    public static Value LogSumExp(LogSumExp sum, Node node, Many<Value> x, Emitter emit)
    {
        var order = node.Operands.Map(o => o.Shape).Whole.Axes;
        var exact = emit.Exactly(x[0]);
        var logits = x.Count > 1 ? emit.Where(x[1], exact, Limits.NoLogit, order) : exact;
        return emit.Rounded(emit.Reduce("ReduceLogSumExp", logits, sum.Axes));
    }
}
