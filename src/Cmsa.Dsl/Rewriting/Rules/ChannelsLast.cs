using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// At inference the weights of convolutions are kept with their channels innermost in memory; results follow.
/// </summary>
public static class ChannelsLast
{
    private static readonly Variable<Node> whole = new("W * x"),
        x = new("x"),
        W = new("W");
    private static readonly Variable<Many<Node>> bias = new("b");
    private static readonly Variable<Convolve> convolve = new("convolve");

    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new Rule("channels last", whole.Is(convolve.On([x, W], bias)))
            .Needs(RuleContext.Inference | RuleContext.Cpu)
            .Pays(
                "the channels are not innermost yet",
                at => W.In(at).Operation is not ChannelsInnermost,
                refused: () => Map().Convolve(new Node(new ChannelsInnermost(), Weight("W", 2, 2, 3)))
            )
            .Pays(
                "all channels are convolved together",
                at => convolve.In(at).Groups == 1,
                refused: () => Map().Convolve(Weight("W", 2, 1, 3), groups: 2)
            )
            .Pays(
                "it is no map of single cells of words",
                at => !Spatial.MapsCells(whole.In(at)),
                refused: () => Data("x", N(2), C(2), R(3), K(3)).Convolve(Weight("W", 2, 2, 1))
            )
            .Becomes(at => new(convolve.In(at), [x.In(at), new(new ChannelsInnermost(), W.In(at)), .. bias.In(at)]))
            .Example(() => Map().Convolve(Weight("W", 2, 2, 3)));

    private static Node Map() => Data("x", C(2), R(3), K(3));
}
