using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A convolution: <c>[in, h, w]</c> to <c>[Channels, h / Stride, w / Stride]</c>. By default its padding is chosen so
/// that with stride 1 the size stays. Parameters: <c>weight [Channels, in / Groups, Kernel, Kernel]</c> and <c>bias
/// [Channels]</c>. A 1x1 convolution is a linear map at each place. Kernel, stride and dilation are one number, or one
/// for the rows and one for the columns: <c>Conv(64, (1, 7))</c>.
/// </summary>
/// <param name="Channels">Channels of the result.</param>
/// <param name="Kernel">The kernel's sides, in cells; odd where the padding is <see cref="AutoPad.Same"/>.</param>
/// <param name="Stride">Step between outputs, in cells.</param>
/// <param name="Dilation">Step between the kernel's elements, in cells.</param>
/// <param name="Groups">How many groups of channels are convolved apart.</param>
/// <param name="Bias">Whether a bias is added; not where a batch norm follows.</param>
/// <param name="Padding">Where zeros are added around the map.</param>
public sealed record Conv(
    int Channels,
    Extent2 Kernel,
    Extent2 Stride = default,
    Extent2 Dilation = default,
    int Groups = 1,
    bool Bias = true,
    AutoPad Padding = AutoPad.Same
) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"conv {Side}", $"{Channels}{Strided}{Dilated}{Padded}") { InBlock = Side };

    private string Side => Kernel.Side;

    private string Strided => Stride == 1 ? "" : $", stride {Stride.Step}";

    private string Dilated => Dilation == 1 ? "" : $", dilated {Dilation.Step}";

    private string Padded => Paddings.Named(Padding);

    /// <inheritdoc/>
    public override Option<string> Name => "conv";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var x = input.Node;
        var channels = x.Shape[Axis.Channel];
        var fits = Groups > 0 && channels % Groups == 0 && Channels % Groups == 0;
        if (!fits)
            x = x.With(
                Error.Misfit(
                    $"{Groups} groups from {channels} to {Channels} channels",
                    "a number of groups that divides both",
                    $"use Groups: {Gcd(channels, Channels)} or fewer"
                )
            );
        if (Channels < 1 || Kernel.Least < 1 || Stride.Least < 1 || Dilation.Least < 1)
            return x.With(
                Error.Misfit($"{this}", "positive channels, kernel, stride and dilation", "give each as at least 1")
            );

        if (Padding == AutoPad.Same && !Kernel.IsOdd)
            return x.With(
                Error.Misfit(
                    $"{this}",
                    "an odd kernel, which has a middle",
                    "use an odd kernel, AutoPad.SameUpper as TensorFlow pads, or AutoPad.Valid"
                )
            );

        var weight = scope.Parameter(
            "weight",
            Bias ? new Initializer.Xavier() : new Initializer.He(),
            Role.Weight,
            new(Axis.Out, Channels),
            new(Axis.In, fits ? channels / Groups : channels),
            new(Axis.KernelRow, Kernel.Rows),
            new(Axis.KernelColumn, Kernel.Columns)
        );
        var reach = Dilation.Zip(Kernel, (d, k) => d * (k - 1));
        var (padded, padding) = Paddings.Around(x, Padding, reach, Stride);
        var convolved = new Node(new Convolve(Stride, padding, Dilation, fits ? Groups : 1), padded, weight);
        return Bias
            ? convolved
                + scope.Parameter("bias", new Initializer.Fill(0), Role.Bias, new Dimension(Axis.Channel, Channels))
            : convolved;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Conv"/>
    public static Layer<FeatureMap, FeatureMap> Conv(
        int channels,
        Extent2 kernel,
        Extent2 stride = default,
        Extent2 dilation = default,
        int groups = 1,
        bool bias = true,
        AutoPad padding = AutoPad.Same
    ) => new Conv(channels, kernel, stride, dilation, groups, bias, padding);
}
