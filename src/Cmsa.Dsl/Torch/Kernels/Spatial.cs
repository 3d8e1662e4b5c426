using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterSpatial()
    {
        Register<Convolve>(
            (c, node, _) =>
            {
                var convolve = OnImages(
                    node,
                    (x, o) =>
                        nn.functional.conv2d(
                            x,
                            o[1],
                            o.Length > 2 ? o[2] : null,
                            strides: Sizes(c.Stride),
                            padding: Sizes(c.Padding),
                            dilation: Sizes(c.Dilation),
                            groups: c.Groups
                        )
                );
                // The library's convolution would bring all maps into another order first.
                return Cmsa.Dsl.Graphs.Spatial.MapsCells(node)
                    ? (x, training) =>
                        training
                            ? convolve(x, training)
                            : MapChannels(
                                x[0],
                                x[1].flatten(1),
                                x.Length > 2 ? x[2] : null,
                                At(node.Operands[0].Shape, Axis.Channel)
                            )
                    : convolve;
            }
        );
        Register<ConvolveTransposed>(
            (c, node, _) =>
                OnImages(
                    node,
                    (x, o) =>
                        nn.functional.conv_transpose2d(
                            x,
                            o[1],
                            strides: Sizes(c.Stride),
                            padding: Sizes(c.Padding)
                        )
                )
        );
        Register<PoolWindows>(
            (p, node, _) =>
                OnImages(
                    node,
                    (x, _) =>
                        p.Reduction == Reduction.Max
                            ? nn.functional.max_pool2d(
                                x,
                                Sizes(p.Kernel),
                                Sizes(p.Stride),
                                Sizes(p.Padding),
                                Sizes(p.Dilation),
                                p.Ceiling
                            )
                            : nn.functional.avg_pool2d(
                                x,
                                Sizes(p.Kernel),
                                Sizes(p.Stride),
                                Sizes(p.Padding),
                                p.Ceiling
                            )
                )
        );
        Register<PoolBins>(
            (p, node, _) =>
                OnImages(
                    node,
                    (x, _) =>
                        p.Reduction == Reduction.Max
                            ? nn.functional.adaptive_max_pool2d(x, [p.Rows, p.Columns])
                            : nn.functional.adaptive_avg_pool2d(x, [p.Rows, p.Columns])
                )
        );
        Register<Interpolate>(
            (i, node, on) =>
                OnImages(node, i.Alignment == Alignment.Asymmetric ? AsymmetricOf(i, node, on) : Resampled(i))
        );
        Register<Pad>(
            (p, node, _) =>
                OnImages(
                    node,
                    (x, _) => nn.functional.pad(x, [p.Left, p.Right, p.Top, p.Bottom], PaddingModes.Constant, p.Value)
                )
        );
        Register<NormaliseBatch>(
            (n, node, _) =>
                OnImages(
                    node,
                    (x, o, training) =>
                        nn.functional.batch_norm(
                            x,
                            o[3],
                            o[4],
                            o[1],
                            o[2],
                            training && !n.Frozen,
                            n.Momentum,
                            n.Epsilon
                        )
                )
        );
    }

    private static long[] Sizes(Extent2 extent) => [extent.Rows, extent.Columns];

    private static Func<Tensor, Tensor[], Tensor> Resampled(Interpolate to) =>
        (x, _) =>
            nn.functional.interpolate(
                x,
                [to.Rows, to.Columns],
                mode: InterpolationMode.Bilinear,
                align_corners: to.Alignment == Alignment.AlignCorners
            );

    // libtorch has no kernel: rows and columns are a linear map each.
    private static Func<Tensor, Tensor[], Tensor> AsymmetricOf(Interpolate to, Node node, DeviceContext on)
    {
        var from = node.Operands[0].Shape;
        double[] rows = Bilinear.Weights(to.Alignment, from[Axis.Row], to.Rows),
            columns = Bilinear.Weights(to.Alignment, from[Axis.Column], to.Columns);
        return (x, _) =>
            Map(rows, to.Rows, from[Axis.Row])
                .matmul(x)
                .matmul(Map(columns, to.Columns, from[Axis.Column]).transpose(0, 1));

        Tensor Map(double[] weights, int size, int of) =>
            torch.tensor(weights, [size, of], on.Real).to(on.Device);
    }

    private static Kernel OnImages(Node node, Func<Tensor, Tensor[], Tensor> kernel) =>
        OnImages(node, (x, operands, _) => kernel(x, operands));

    /// <summary>
    /// Runs a kernel for <c>[batch, channel, row, column]</c> on a tensor with other axes around these, or without a
    /// batch.
    /// </summary>
    private static Kernel OnImages(Node node, Func<Tensor, Tensor[], bool, Tensor> kernel)
    {
        var axes = node.Operands[0].Shape.Axes;
        Many<Axis> image = [Axis.Channel, Axis.Row, Axis.Column];
        var other = axes.Filter(a => !image.Contains(a));
        var (there, back) = (Arrange(axes, other + image), Arrange(other + image, axes));
        var isLast = other + image == axes;
        return (x, training) =>
        {
            var images = isLast ? x[0] : there(x[0]);
            if (other.Count == 1)
                return isLast ? kernel(images, x.ToArray(), training) : back(kernel(images, x.ToArray(), training));
            var result = kernel(
                other.IsEmpty ? images.unsqueeze(0) : images.flatten(0, other.Count - 1),
                x.ToArray(),
                training
            );
            var whole = other.IsEmpty ? result.squeeze(0) : result.unflatten(0, images.shape[..other.Count]);
            return isLast ? whole : back(whole);
        };
    }
}
