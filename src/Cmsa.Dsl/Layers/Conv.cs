using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A convolution: <c>[in, h, w]</c> to <c>[Channels, h / Stride, w / Stride]</c>. By default its padding is chosen so
/// that with stride 1 the size stays. Parameters: <c>weight [Channels, in / Groups, Kernel, Kernel]</c> and <c>bias
/// [Channels]</c>. A 1x1 convolution is a linear map at each place.
/// </summary>
/// <param name="Channels">Channels of the result.</param>
/// <param name="Kernel">The kernel's side, in cells; odd where the padding is <see cref="AutoPad.Same"/>.</param>
/// <param name="Stride">Step between outputs, in cells.</param>
/// <param name="Dilation">Step between the kernel's elements, in cells.</param>
/// <param name="Groups">How many groups of channels are convolved apart.</param>
/// <param name="Bias">Whether a bias is added; not where a batch norm follows.</param>
/// <param name="Padding">Where zeros are added around the map.</param>
public sealed record Conv(
    int Channels,
    int Kernel,
    int Stride = 1,
    int Dilation = 1,
    int Groups = 1,
    bool Bias = true,
    AutoPad Padding = AutoPad.Same
) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"conv {Side}", $"{Channels}{Strided}{Dilated}{Padded}") { InBlock = Side };

    private string Side => $"{Kernel}×{Kernel}";

    private string Strided => Stride > 1 ? $", stride {Stride}" : "";

    private string Dilated => Dilation > 1 ? $", dilated {Dilation}" : "";

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
        if (Channels < 1 || Kernel < 1 || Stride < 1 || Dilation < 1)
            return x.With(
                Error.Misfit($"{this}", "positive channels, kernel, stride and dilation", "give each as at least 1")
            );

        if (Padding == AutoPad.Same && Kernel % 2 == 0)
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
            new(Axis.KernelRow, Kernel),
            new(Axis.KernelColumn, Kernel)
        );
        var reach = Dilation * (Kernel - 1);
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
        int kernel,
        int stride = 1,
        int dilation = 1,
        int groups = 1,
        bool bias = true,
        AutoPad padding = AutoPad.Same
    ) => new Conv(channels, kernel, stride, dilation, groups, bias, padding);
}
