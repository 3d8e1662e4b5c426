using global::Onnx;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Convolutions.</summary>
internal static class Convolutions
{
    public static Value Convolve(Convolve c, Node node, Many<Value> x, Emitter emit) =>
        Conv(node, x, x[1], c.Stride, c.Padding, c.Dilation, c.Groups, emit);

    /// <summary>
    /// Tiles are a way of computing a convolution: what is written is the convolution, on the kernels that the tiles
    /// were made of.
    /// </summary>
    public static Value Tiled(TiledConvolve tiled, Node node, Many<Value> x, Emitter emit) =>
        Conv(node, x, x[1], 1, tiled.Padding, tiled.Dilation, 1, emit);

    /// <summary>The kernels themselves, for <see cref="Tiled"/>, which alone takes them.</summary>
    public static Value TransformKernel(TransformKernel transform, Node node, Many<Value> x, Emitter emit) => x[0];

    private static Value Conv(
        Node node,
        Many<Value> x,
        Value weight,
        Extent2 stride,
        Extent2 padding,
        Extent2 dilation,
        int groups,
        Emitter emit
    ) =>
        Over(
            "Conv",
            node,
            x[0],
            [weight, .. x.Skip(2)],
            [
                .. Kernel(weight),
                .. Steps(stride, padding),
                Attributes.Of("dilations", dilation.Rows, dilation.Columns),
                Attributes.Of("group", (long)groups),
            ],
            emit
        );

    public static Value Transposed(ConvolveTransposed c, Node node, Many<Value> x, Emitter emit) =>
        Over("ConvTranspose", node, x[0], [x[1]], [.. Kernel(x[1]), .. Steps(c.Stride, c.Padding)], emit);

    /// <summary>An operation of ONNX over images, with the weights that come behind them.</summary>
    private static Value Over(
        string name,
        Node node,
        Value x,
        Many<Value> weights,
        Many<AttributeProto> attributes,
        Emitter emit
    ) =>
        Images.Each(
            node,
            x,
            emit,
            images =>
            {
                var (channels, rows, columns) = (node.Shape[Axis.Channel], node.Shape[Axis.Row], node.Shape[Axis.Column]);
                var dimensions = Images.Resized(images, channels, rows, columns);
                return emit.Emit(name, [images, .. weights], dimensions, images.Type, attributes);
            }
        );

    private static Many<AttributeProto> Kernel(Value weight) =>
        [Attributes.Of("kernel_shape", weight[Axis.KernelRow], weight[Axis.KernelColumn])];

    private static Many<AttributeProto> Steps(Extent2 stride, Extent2 padding) =>
        [
            Attributes.Of("strides", stride.Rows, stride.Columns),
            Attributes.Of("pads", padding.Rows, padding.Columns, padding.Rows, padding.Columns),
        ];
}
