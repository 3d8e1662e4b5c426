using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Bilinear resampling.</summary>
internal static class Resampling
{
    private static readonly Axis resampled = new("resampled");

    public static Value Interpolate(Interpolate to, Node node, Many<Value> x, Emitter emit)
    {
        if (x[0][Axis.Row] == to.Rows && x[0][Axis.Column] == to.Columns)
            return x[0];
        // ONNX Runtime has no Resize of float64: each axis is a linear map.
        if (x[0].Type == DataType.Double)
            return Along(Along(x[0], Axis.Row, to.Rows, to.Alignment, emit), Axis.Column, to.Columns, to.Alignment, emit);
        return Images.Each(
            node,
            x[0],
            emit,
            images =>
            {
                var dimensions = Images.Resized(images, images[Axis.Channel], to.Rows, to.Columns);
                return emit.Resize(images, dimensions, Mode(to.Alignment));
            }
        );
    }

    private static string Mode(Alignment alignment) =>
        alignment switch
        {
            Alignment.AlignCorners => "align_corners",
            Alignment.Asymmetric => "asymmetric",
            _ => "half_pixel",
        };

    private static Value Along(Value x, Axis axis, int size, Alignment alignment, Emitter emit) =>
        AxisMap.Of(x, axis, resampled, size, Bilinear.Weights(alignment, x[axis], size), emit);
}
