using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Zeros, or another number, around a map.</summary>
internal static class Padding
{
    public static Value Pad(Pad pad, Node node, Many<Value> x, Emitter emit) =>
        Images.Each(
            node,
            x[0],
            emit,
            images =>
            {
                var (rows, columns) = (node.Shape[Axis.Row], node.Shape[Axis.Column]);
                var dimensions = Images.Resized(images, images[Axis.Channel], rows, columns);
                var sizes = emit.Integers(0, 0, pad.Top, pad.Left, 0, 0, pad.Bottom, pad.Right);
                Many<Value> operands = [images, sizes];
                var padded = pad.Value == 0 ? operands : operands.Add(emit.Number(pad.Value, images.Type));
                return emit.Emit("Pad", padded, dimensions, images.Type);
            }
        );
}
