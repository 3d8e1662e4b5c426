using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>A bias added by the linear map or convolution before it.</summary>
public static class FuseBias
{
    private static readonly Variable<Node> x = new("x"),
        W = new("W"),
        b = new("b");
    private static readonly Variable<Operation> map = new("affine");

    /// <summary>The rule. What is no bias, one number a channel, does not fit the map.</summary>
    public static Rule Rule { get; } =
        new Rule("fuse bias", map.OneOf([typeof(Linear), typeof(Convolve)], [x, W]) + b)
            .Becomes(map.OneOf([typeof(Linear), typeof(Convolve)], [x, W, b]))
            .Example(() => Data("x", C(3)).Linear(Weight("W", 2, 3)) + Own("b", C(2)))
            .Example(() => Data("x", C(3), R(3), K(3)).Convolve(Weight("W", 2, 3, 3)) + Own("b", C(2)));
}
