using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Bilinear resampling, pixel centres aligned.</summary>
internal static class Resampling
{
    private static readonly Axis resampled = new("resampled");

    public static Value Interpolate(Interpolate to, Node node, Many<Value> x, Emitter emit)
    {
        if (x[0][Axis.Row] == to.Rows && x[0][Axis.Column] == to.Columns)
            return x[0];
        // ONNX Runtime has no Resize of float64: each axis is a linear map.
        if (x[0].Type == DataType.Double)
            return Along(Along(x[0], Axis.Row, to.Rows, emit), Axis.Column, to.Columns, emit);
        return Images.Each(
            node,
            x[0],
            emit,
            images =>
            {
                var dimensions = Images.Resized(images, images[Axis.Channel], to.Rows, to.Columns);
                return emit.Resize(images, dimensions);
            }
        );
    }

    private static Value Along(Value x, Axis axis, int size, Emitter emit)
    {
        var from = x[axis];
        var matrix = new double[size * from];
        for (var i = 0; i < size; i++)
        {
            var place = Math.Max(0, (i + 0.5) * from / size - 0.5);
            var (below, above) = ((int)place, Math.Min((int)place + 1, from - 1));
            matrix[i * from + below] += 1 - (place - below);
            matrix[i * from + above] += place - below;
        }
        return AxisMap.Of(x, axis, resampled, size, matrix, emit);
    }
}
