using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Elements moved, repeated and renamed.</summary>
internal static class Arrangement
{
    public static Value Concat(Graphs.Concat concat, Node node, Many<Value> x, Emitter emit)
    {
        var order = node.Shape.Axes;
        var whole = Sizes.Broadcast(order, x);
        var parts = x.Map(part =>
            emit.Expand(part, whole.Map(d => d.Axis == concat.Axis ? d with { Size = part[d.Axis] } : d))
        );
        return emit.Concat(parts, concat.Axis);
    }

    public static Value Rename(Rename rename, Node node, Many<Value> x, Emitter emit)
    {
        var renamed = x[0] with { Dimensions = x[0].Dimensions.Map(d => d with { Axis = rename.Name(d.Axis) }) };
        return emit.Arrange(renamed, node.Shape.Axes);
    }

    public static Value Split(Split split, Node node, Many<Value> x, Emitter emit)
    {
        var inner = x[0][split.Axis] / split.Count;
        var dimensions = x[0]
            .Dimensions.Bind<Dimension>(d =>
                d.Axis == split.Axis ? [new(split.Outer, split.Count), new(split.Axis, inner)] : [d]
            );
        return emit.Arrange(emit.Reshape(x[0], dimensions), node.Shape.Axes);
    }

    public static Value Merge(Merge merge, Node node, Many<Value> x, Emitter emit)
    {
        var order = node.Shape.Axes.Bind<Axis>(a => a == merge.Axis ? [merge.Outer, merge.Axis] : [a]);
        var arranged = emit.Arrange(x[0], order);
        return emit.Merge(arranged, [merge.Outer, merge.Axis], merge.Axis, arranged.At(merge.Outer));
    }

    // Along the batch nothing is repeated until something needs it.
    public static Value Repeat(Repeat repeat, Node node, Many<Value> x, Emitter emit) =>
        emit.Expand(x[0], node.Shape.Dimensions.Map(d => d.Axis == Axis.Batch ? d with { Size = x[0][d.Axis] } : d));
}
