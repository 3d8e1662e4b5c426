using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A transposed convolution: <c>[in, h, w]</c> to <c>[Channels, (h - 1) Stride - 2 Padding + Kernel, ...]</c>; it
/// doubles a map with kernel 4, stride 2 and padding 1. Parameters: <c>weight [in, Channels, Kernel, Kernel]</c>,
/// that of the convolution which it transposes, and <c>bias [Channels]</c>. The kernel may be <c>(2, 4)</c>: rows, then
/// columns.
/// </summary>
/// <param name="Channels">Channels of the result.</param>
/// <param name="Kernel">The kernel's sides, in cells.</param>
/// <param name="Stride">How many times larger the result is.</param>
/// <param name="Padding">Cells cut from each side.</param>
public sealed record ConvTranspose(int Channels, Extent2 Kernel, int Stride = 2, int Padding = 0)
    : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"deconv {Kernel.Side}", $"{Channels}, stride {Stride}");

    /// <inheritdoc/>
    public override Option<string> Name => "deconv";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var x = input.Node;
        if (Channels < 1 || Kernel.Least < 1 || Stride < 1 || Padding < 0 || 2 * Padding > Kernel.Least)
            return x.With(
                Error.Misfit(
                    $"{this}",
                    "positive sizes, and a padding of at most half the kernel",
                    "for twice the size use ConvTranspose(channels, 4, 2, 1)"
                )
            );

        var weight = scope.Parameter(
            "weight",
            new Initializer.Xavier(),
            Role.Weight,
            new(Axis.Out, x.Shape[Axis.Channel]),
            new(Axis.In, Channels),
            new(Axis.KernelRow, Kernel.Rows),
            new(Axis.KernelColumn, Kernel.Columns)
        );
        var bias = scope.Parameter("bias", new Initializer.Fill(0), Role.Bias, new Dimension(Axis.Channel, Channels));
        return new Node(new ConvolveTransposed(Stride, Padding), x, weight) + bias;
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.ConvTranspose"/>
    public static Layer<FeatureMap, FeatureMap> ConvTranspose(
        int channels,
        Extent2 kernel,
        int stride = 2,
        int padding = 0
    ) => new ConvTranspose(channels, kernel, stride, padding);
}
