using global::Onnx;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Pooling over blocks of two words, rows and columns, as the released graph pools keys and values.</summary>
internal static class WordPools
{
    private static readonly Many<Axis> order = [Axis.Batch, Axis.Channel, Axis.Word, Axis.Row, Axis.Column];

    public static Value Blocks(PoolBlocks pool, Node node, Many<Value> x, Emitter emit)
    {
        var blocks = emit.Arrange(x[0], order);
        if (x.Count == 1)
            return emit.Arrange(Pooled(blocks, emit), node.Shape.Axes);

        var present = emit.Arrange(x[1], order);
        var words = blocks[Axis.Word];
        var count = emit.Reduce(
            "ReduceSum",
            emit.Cast(emit.Expand(present, Lengthened(present, words)), DataType.Int64),
            [Axis.Word],
            keep: true
        );
        var moved = Moved(blocks, present, emit);
        var taken = Before(count, words, emit);
        var masked = emit.Where(taken, moved, Limits.Lowest(moved.Type), order);
        var greatest = Pooled(masked, emit);
        var empty = emit.Each(
            "Equal",
            greatest,
            emit.Number(Limits.Lowest(greatest.Type), greatest.Type),
            DataType.Bool
        );
        return emit.Arrange(emit.Where(emit.Each("Not", empty), greatest, 0, order), node.Shape.Axes);
    }

    /// <summary>The words that are there before those that are not, each in their order.</summary>
    private static Value Moved(Value blocks, Value present, Emitter emit)
    {
        var words = blocks[Axis.Word];
        var place = emit.Integers([new(Axis.Word, words), new(Axis.Row, 1), new(Axis.Column, 1)], Places(words));
        var later = emit.Integers(
            [new(Axis.Word, words), new(Axis.Row, 1), new(Axis.Column, 1)],
            Places(words).Map(n => n + words)
        );
        var whole = Lengthened(present, words);
        var ranks = emit.Emit("Where", [present, place, later], whole, DataType.Int64);
        var indices = Sorted(ranks, emit);
        var everywhere = emit.Expand(indices, Sizes.Broadcast(order, blocks, indices));
        return emit.Emit(
            "GatherElements",
            [emit.Expand(blocks, everywhere.Dimensions), everywhere],
            everywhere.Dimensions,
            blocks.Type,
            Attributes.Of("axis", (long)blocks.At(Axis.Word))
        );
    }

    // The indices that sort along the words, smallest first.
    private static Value Sorted(Value ranks, Emitter emit)
    {
        var (name, values, indices) = (emit.Fresh("TopK"), emit.Fresh("TopK"), emit.Fresh("TopK"));
        Many<AttributeProto> attributes =
        [
            Attributes.Of("axis", (long)ranks.At(Axis.Word)),
            Attributes.Of("largest", 0L),
            Attributes.Of("sorted", 1L),
        ];
        emit.Add("TopK", name, [ranks, emit.Integers(ranks[Axis.Word])], [values, indices], attributes);
        return new(indices, ranks.Dimensions, DataType.Int64);
    }

    private static Value Pooled(Value blocks, Emitter emit)
    {
        var dimensions = blocks.Dimensions.Map(d =>
            d.Axis == Axis.Batch || d.Axis == Axis.Channel ? d : d with { Size = (d.Size + 1) / 2 }
        );
        var odd = blocks.Dimensions.Skip(2).Select(d => (long)(d.Size % 2)).ToMany();
        return emit.Emit(
            "MaxPool",
            [blocks],
            dimensions,
            blocks.Type,
            Attributes.Of("kernel_shape", 2, 2, 2),
            Attributes.Of("strides", 2, 2, 2),
            Attributes.Of("pads", [0, 0, 0, .. odd])
        );
    }

    public static Value Presence(PoolPresence pool, Node node, Many<Value> x, Emitter emit)
    {
        var words = emit.Reduce("ReduceSum", emit.Cast(x[0], DataType.Int64), [Axis.Word], keep: true);
        var blocks = emit.Over(emit.Plus(words, emit.Integer(1)), emit.Integer(2));
        var count = (x[0][Axis.Word] + 1) / 2;
        return Before(blocks, count, emit);
    }

    /// <summary>True for the first words, as many as a count says.</summary>
    private static Value Before(Value count, int words, Emitter emit)
    {
        var after = count.Axes.Skip(count.At(Axis.Word) + 1).ToMany();
        var places = emit.Integers([new(Axis.Word, words), .. after.Map(a => new Dimension(a, 1))], Places(words));
        return emit.Each("Less", places, count, count.Axes, DataType.Bool);
    }

    private static Many<long> Places(int words) => Many.Range(words).Map(n => (long)n);

    private static Many<Dimension> Lengthened(Value present, int words) =>
        present.Dimensions.Map(d => d.Axis == Axis.Word ? d with { Size = words } : d);
}
