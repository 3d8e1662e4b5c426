using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// At inference the weights of convolutions are kept with their channels innermost in memory; results follow.
/// </summary>
public static class ChannelsLast
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "channels last",
            "W * x = W' * x where W' is W in another order of memory",
            node =>
                node is { Operation: Convolve { Groups: 1 }, Operands: [var x, var weight, .. var bias] }
                && weight.Operation is not ChannelsInnermost
                && !Spatial.MapsCells(node)
                    ? Some(new Node(node.Operation, [x, new(new ChannelsInnermost(), weight), .. bias]))
                    : None
        );
}
