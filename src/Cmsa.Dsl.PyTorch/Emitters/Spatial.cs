using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

internal static partial class Emitters
{
    private static void RegisterSpatial()
    {
        Register<Convolve>(
            (c, node, on) =>
                OnImages(
                    node,
                    on,
                    x =>
                        Call(
                            "F.conv2d",
                            [
                                x,
                                .. Weights(node, on),
                                Unless(1, "stride", c.Stride),
                                Unless(0, "padding", c.Padding),
                                Unless(1, "dilation", c.Dilation),
                                Unless(1, "groups", c.Groups),
                            ]
                        )
                )
        );
        Register<ConvolveTransposed>(
            (c, node, on) =>
                OnImages(
                    node,
                    on,
                    x =>
                        Call(
                            "F.conv_transpose2d",
                            [x, .. Weights(node, on), Unless(1, "stride", c.Stride), Unless(0, "padding", c.Padding)]
                        )
                )
        );
        Register<PoolWindows>(
            (p, node, on) =>
                OnImages(
                    node,
                    on,
                    x =>
                        Call(
                            p.Reduction == Reduction.Max ? "F.max_pool2d" : "F.avg_pool2d",
                            x,
                            $"{p.Kernel}",
                            $"stride={p.Stride}",
                            Unless(0, "padding", p.Padding),
                            Unless(1, "dilation", p.Dilation),
                            p.Ceiling ? "ceil_mode=True" : ""
                        )
                )
        );
        Register<PoolBins>(
            (p, node, on) =>
                OnImages(
                    node,
                    on,
                    x =>
                        Call(
                            p.Reduction == Reduction.Max ? "F.adaptive_max_pool2d" : "F.adaptive_avg_pool2d",
                            x,
                            $"({p.Rows}, {p.Columns})"
                        )
                )
        );
        Register<Interpolate>(
            (i, node, on) =>
                OnImages(
                    node,
                    on,
                    x =>
                        i.Alignment == Alignment.Asymmetric
                            ? Call("resize_asymmetric", x, $"{i.Rows}", $"{i.Columns}")
                            : $"F.interpolate({x}, size=({i.Rows}, {i.Columns}), mode=\"bilinear\", "
                                + $"align_corners={(i.Alignment == Alignment.AlignCorners ? "True" : "False")})"
                )
        );
        Register<Pad>(
            (p, node, on) => OnImages(node, on, x => $"F.pad({x}, ({p.Left}, {p.Right}, {p.Top}, {p.Bottom}){Valued(p.Value)})")
        );
        Register<NormaliseBatch>((n, node, on) => OnImages(node, on, x => NormaliseOf(n, node, on, x)));
        Register<TransformKernel>((_, node, on) => $"transform_kernel({on[node.Operands[0]]})");
        Register<TiledConvolve>(
            (t, node, on) =>
                OnImages(
                    node,
                    on,
                    x =>
                    {
                        var bias = node.Operands.Count > 2 ? on[node.Operands[2]] : "None";
                        return Call("tiled_convolve", x, on[node.Operands[1]], bias, $"{t.Padding}", $"{t.Dilation}");
                    }
                )
        );
    }

    private static string Valued(double number) =>
        number == 0 ? ""
        : double.IsNegativeInfinity(number) ? ", value=float(\"-inf\")"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $", value={number:R}");

    private static string Unless(Extent2 usual, string name, Extent2 value) => value == usual ? "" : $"{name}={value}";

    private static Many<string> Weights(Node node, Frame on) => node.Operands.Tail.Map(o => on[o]);

    private static string NormaliseOf(NormaliseBatch norm, Node node, Frame on, string x)
    {
        var (gain, bias, mean, variance) = (
            on[node.Operands[1]],
            on[node.Operands[2]],
            on[node.Operands[3]],
            on[node.Operands[4]]
        );
        var training = norm.Frozen ? "False" : "self.training";
        var numbers =
            (norm.Momentum, norm.Epsilon) == (0.1, 1e-5)
                ? ""
                : $"{Python.Number(norm.Momentum)}, {Python.Number(norm.Epsilon)}";
        // The usual case: all four are parameters of one part.
        const string last = ".weight";
        var part = gain.EndsWith(last, StringComparison.Ordinal) ? gain[..^last.Length] : "";
        return
            part.Length > 0 && (bias, mean, variance) == ($"{part}.bias", $"{part}.running_mean", $"{part}.running_var")
            ? Call("batch_norm", x, part, training, numbers)
            : Call(
                "F.batch_norm",
                x,
                mean,
                variance,
                gain,
                bias,
                training,
                Python.Number(norm.Momentum),
                Python.Number(norm.Epsilon)
            );
    }

    /// <summary>
    /// What PyTorch does on [batch, channel, row, column], on a tensor with other axes around these, or without a
    /// batch.
    /// </summary>
    private static string OnImages(Node node, Frame on, Func<string, string> write)
    {
        var shape = node.Operands[0].Shape;
        Many<Axis> image = [Axis.Channel, Axis.Row, Axis.Column];
        var other = shape.Axes.Filter(a => !image.Contains(a));
        var arranged = Layout.Arranged(on[node.Operands[0]], shape.Axes, other + image);
        var sizes = string.Join(", ", other.Map(a => Layout.Size(new(a, shape[a]))));
        var result = other.Count switch
        {
            0 => $"{write($"{arranged}[None]")}[0]",
            1 => write(arranged),
            var count => $"{write($"{arranged}.flatten(0, {count - 1})")}.unflatten(0, ({sizes}))",
        };
        return Layout.Arranged(result, other + image, shape.Axes);
    }
}
