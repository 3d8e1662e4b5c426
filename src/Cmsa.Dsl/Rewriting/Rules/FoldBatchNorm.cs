using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>At inference a batch norm is a scale and a shift, and the convolution before it does both.</summary>
public static class FoldBatchNorm
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "fold batch norm",
            "g (W x - m) / sqrt(v + e) + b = (s W) x + (b - s m) where s = g / sqrt(v + e)",
            node =>
                node
                    is {
                        Operation: NormaliseBatch(var epsilon, _, _),
                        Operands: [
                            { Operation: Convolve, Operands.Count: 2 } convolved,
                            var gain,
                            var bias,
                            var mean,
                            var variance,
                        ]
                    }
                && gain * (variance + epsilon).Map(Function.InverseRoot) is var scale
                    ? Some(
                        new Node(
                            convolved.Operation,
                            convolved.Operands[0],
                            convolved.Operands[1] * scale.Rename((Axis.Channel, Axis.Out)),
                            bias - mean * scale
                        )
                    )
                    : None
        );
}
