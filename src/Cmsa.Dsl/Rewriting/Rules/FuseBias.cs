using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>A bias added by the linear map or convolution before it.</summary>
public static class FuseBias
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "fuse bias",
            "(W x) + b = affine(x, W, b)",
            node =>
                node
                    is {
                        Operation: Add,
                        Operands: [{ Operation: Linear or Convolve, Operands.Count: 2 } map, var bias]
                    }
                && bias.Shape.Axes == [Axis.Channel]
                && bias.Shape[Axis.Channel] == map.Shape[Axis.Channel]
                    ? Some(new Node(map.Operation, map.Operands.Add(bias)))
                    : None
        );
}
