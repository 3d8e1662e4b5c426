using Cmsa.Dsl.Programs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterSpatial()
    {
        Register<Convolve>((c, value, _) =>
        {
            var convolve = OnImages(value, (x, o) => nn.functional.conv2d(
                x, o[1], o.Length > 2 ? o[2] : null, strides: [c.Stride, c.Stride], padding: [c.Padding, c.Padding], dilation: [c.Dilation, c.Dilation], groups: c.Groups));
            // The library's convolution would bring all maps into another order first.
            return Programs.Spatial.MapsCells(value) ? (x, training) => training ? convolve(x, training) : MapChannels(x[0], x[1].flatten(1), x.Length > 2 ? x[2] : null, x[0].dim() - 3) : convolve;
        });
        Register<ConvolveTransposed>((c, value, _) => OnImages(value, (x, o) => nn.functional.conv_transpose2d(
            x, o[1], strides: [c.Stride, c.Stride], padding: [c.Padding, c.Padding])));
        Register<PoolWindows>((p, value, _) => OnImages(value, (x, _) => p.Reduction == Reduction.Max
            ? nn.functional.max_pool2d(x, [p.Kernel, p.Kernel], [p.Stride, p.Stride], [p.Padding, p.Padding], [1, 1], p.Ceiling)
            : nn.functional.avg_pool2d(x, [p.Kernel, p.Kernel], [p.Stride, p.Stride], [p.Padding, p.Padding], p.Ceiling)));
        Register<PoolBins>((p, value, _) => OnImages(value, (x, _) => p.Reduction == Reduction.Max
            ? nn.functional.adaptive_max_pool2d(x, [p.Rows, p.Columns])
            : nn.functional.adaptive_avg_pool2d(x, [p.Rows, p.Columns])));
        Register<Interpolate>((i, value, _) => OnImages(value, (x, _) =>
            nn.functional.interpolate(x, [i.Rows, i.Columns], mode: InterpolationMode.Bilinear, align_corners: false)));
        Register<NormaliseBatch>((n, value, _) => (x, training) => Images(x[0], value.Operands[0].Shape, x.ToArray(), (y, o) => nn.functional.batch_norm(
            y, o[3], o[4], o[1], o[2], training && !n.Frozen, n.Momentum, n.Epsilon)));
    }

    private delegate Tensor ImageKernel(Tensor images, Tensor[] operands);

    private static Kernel OnImages(Value value, ImageKernel kernel) => value.Operands[0].Shape is var shape
        ? (x, _) => Images(x[0], shape, x.ToArray(), kernel)
        : default!;

    /// <summary>Runs a kernel for <c>[batch, channel, row, column]</c> on a tensor with other axes before the channel, or with none.</summary>
    private static Tensor Images(Tensor x, Shape shape, Tensor[] operands, ImageKernel kernel)
    {
        var before = shape.Dimensions.Count - 3;
        if (before == 1) return kernel(x, operands);
        var outer = x.shape[..before];
        var result = kernel(before == 0 ? x.unsqueeze(0) : x.flatten(0, before - 1), operands);
        return before == 0 ? result.squeeze(0) : result.unflatten(0, outer);
    }
}
