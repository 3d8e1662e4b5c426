using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Attention, some queries at a time, so that the matrix of its weights is never held as a whole.</summary>
internal static class Attention
{
    // How many weights of one sample are held at a time: 64 MB in float32.
    private const long MostWeights = 1L << 24;

    private static readonly Axis asking = new("asking"),
        asked = new("asked");

    public static Value Fused(FusedAttention attention, Node node, Many<Value> x, Emitter emit)
    {
        var (values, keys, queries) = (x[0], x[1], x[2]);
        var (near, far) = (node.Operands[2].Shape, node.Operands[1].Shape);
        Many<Axis> channel = [Axis.Channel];
        var shared = near.Axes.Filter(a => a != Axis.Channel && far.Has(a));
        var own = near.Axes.Filter(a => a != Axis.Channel && !far.Has(a));
        var over = attention.Over;

        var q = Fold(queries, own, asking);
        var k = Fold(keys, over, asked);
        var v = Fold(values, over, asked);
        var turned = emit.Transposed(k);
        var count = q[asking];
        var each = count == Value.Dynamic ? 1 : (int)Math.Clamp(MostWeights / Math.Max(1, k[asked]), 1, count);
        var mask = x.Count > 3 ? Mask(x[3]) : null;

        var parts =
            count == Value.Dynamic
                ? [Attend(q, mask)]
                : Enumerable
                    .Range(0, (count + each - 1) / each)
                    .Select(i => Part(i * each, Math.Min(each, count - i * each)))
                    .ToMany();
        var attended = emit.Concat(parts, asking);
        var dimensions =
            attended.Dimensions.Take(shared.Count)
            + own.Map(a => new Dimension(a, queries[a]))
            + channel.Map(a => new Dimension(a, values[a]));
        return emit.Arrange(emit.Reshape(attended, dimensions), node.Shape.Axes);

        Value Fold(Value of, Many<Axis> axes, Axis merged) =>
            emit.Merge(emit.Arrange(of, shared + axes + channel), axes, merged, shared.Count);

        Value Mask(Value of)
        {
            var arranged = emit.Arrange(of, shared + own + over);
            var asks = own.Exists(of.Has);
            var whole = emit.Expand(
                arranged,
                arranged.Dimensions.Take(shared.Count)
                    + own.Map(a => new Dimension(a, asks ? queries[a] : 1))
                    + over.Map(a => new Dimension(a, keys[a]))
            );
            return emit.Merge(emit.Merge(whole, own, asking, shared.Count), over, asked, shared.Count + 1);
        }

        Value Part(int start, int length) =>
            Attend(
                emit.Slice(q, asking, start, length),
                mask is null || mask[asking] == 1 ? mask : emit.Slice(mask, asking, start, length)
            );

        Value Attend(Value some, Value? allowed)
        {
            var logits = emit.Exactly(emit.MatMul(some, turned));
            var order = logits.Axes;
            var masked = allowed is null ? logits : emit.Where(allowed, logits, Limits.Lowest(logits.Type), order);
            var weights = emit.Softmax(masked);
            var present = allowed is null ? weights : emit.Where(allowed, weights, 0, order);
            return emit.MatMul(emit.Cast(present, emit.Real), v);
        }
    }
}
