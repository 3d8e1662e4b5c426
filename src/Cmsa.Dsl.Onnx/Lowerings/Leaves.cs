using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>What depends on nothing.</summary>
internal static class Leaves
{
    public static Value Constant(Constant constant, Node node, Many<Value> x, Emitter emit) =>
        emit.Number(constant.Number);

    public static Value Always(Always always, Node node, Many<Value> x, Emitter emit) =>
        emit.Boolean(node.Shape.Dimensions, true);

    public static Value Coordinates(Coordinates cells, Node node, Many<Value> x, Emitter emit)
    {
        var (down, across) = (2.0 / cells.Rows, 2.0 / cells.Columns);
        Func<int, int, double>[] channels =
        [
            (_, column) => column * across - 1,
            (row, _) => row * down - 1,
            (_, column) => (column + 1) * across - 1,
            (row, _) => (row + 1) * down - 1,
            (_, column) => (column + 0.5) * across - 1,
            (row, _) => (row + 0.5) * down - 1,
            (_, _) => 1.0 / cells.Columns,
            (_, _) => 1.0 / cells.Rows,
        ];
        var numbers =
            from channel in channels
            from row in Enumerable.Range(0, cells.Rows)
            from column in Enumerable.Range(0, cells.Columns)
            select channel(row, column);
        return emit.Numbers(
            $"coordinates {cells.Rows}x{cells.Columns}",
            node.Shape.Dimensions,
            [.. numbers],
            emit.Real
        );
    }

    // Written as a comparison of indices: the booleans themselves may be many times larger than the model.
    public static Value NotEqual(NotEqual differ, Node node, Many<Value> x, Emitter emit)
    {
        var near = differ.Of.Dimensions;
        var far = near.Map(d => d with { Axis = d.Axis.Prime });
        Many<long> indices = [.. Enumerable.Range(0, checked((int)differ.Of.Count)).Select(i => (long)i)];
        var order = near.Map(d => d.Axis) + far.Map(d => d.Axis);
        var same = emit.Each("Equal", emit.Integers(near, indices), emit.Integers(far, indices), order, DataType.Bool);
        return emit.Arrange(emit.Each("Not", same), node.Shape.Axes);
    }
}
