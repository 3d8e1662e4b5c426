using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>At inference a batch norm is a scale and a shift, and the convolution before it does both.</summary>
public static class FoldBatchNorm
{
    private static readonly Variable<Node> x = new("x"),
        W = new("W"),
        scale = new("s");
    private static readonly Variable<Node> gain = new("g"),
        bias = new("b"),
        mean = new("m"),
        variance = new("v");
    private static readonly Variable<Convolve> convolve = new("convolve");
    private static readonly Variable<NormaliseBatch> norm = new("norm");

    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new Rule("fold batch norm", norm.On(convolve.On(x, W), gain, bias, mean, variance))
            .Needs(RuleContext.Inference)
            .Let(scale, at => gain.In(at) * (variance.In(at) + norm.In(at).Epsilon).Map(Function.InverseRoot))
            .Becomes(at =>
                new(
                    convolve.In(at),
                    x.In(at),
                    W.In(at) * scale.In(at).Rename((Axis.Channel, Axis.Out)),
                    bias.In(at) - mean.In(at) * scale.In(at)
                )
            )
            .Example(() => Data("x", C(3), R(4), K(4)).Convolve(Weight("W", 2, 3, 3)).BatchNorm(2));
}
