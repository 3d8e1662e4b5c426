using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A 3x3 convolution of stride 1 computed in tiles of 2x2 results, 16 products each in the place of 36 (Winograd 1980;
/// Lavin and Gray, CVPR 2016). Dilated ones are convolutions of interleaved maps. The kernels are transformed once.
/// </summary>
public static class Winograd
{
    // What it takes to bring one number into a tile or out of it, in multiply-adds of a product of matrices: measured
    // on CPUs, where it
    // is memory that is waited for.
    private const long CostOfTransforming = 64;

    private static readonly Variable<Node> whole = new("W * x"),
        x = new("x"),
        W = new("W"),
        tiled = new("tiled");
    private static readonly Variable<Many<Node>> bias = new("b");
    private static readonly Variable<Convolve> convolve = new("convolve");

    /// <summary>
    /// A convolution in tiles, whether that pays or not. The tiles take one of 3x3 cells that is not padded wider than
    /// it is dilated.
    /// </summary>
    public static Rule Tiles { get; } =
        new Rule("tiles", whole.Is(convolve.On(CanBeTiled, [x, W], bias)))
            .Let(
                tiled,
                at =>
                    new(
                        new TiledConvolve(convolve.In(at).Padding.Rows, convolve.In(at).Dilation.Rows),
                        [x.In(at), new(new TransformKernel(), W.In(at)), .. bias.In(at)]
                    )
            )
            .Becomes(tiled);

    /// <summary>The rule, where it spares more than the transforms take.</summary>
    public static Rule Rule { get; } =
        Tiles
            .Named("winograd")
            .Needs(RuleContext.Inference | RuleContext.Cpu)
            .Pays(
                "it spares more products than it moves numbers",
                at => whole.In(at).MultiplyAdds() - tiled.In(at).MultiplyAdds() > CostOf(tiled.In(at), x.In(at)),
                refused: () => Data("x", C(4), R(4), K(4)).Convolve(Weight("W", 4, 4, 3))
            )
            .Example(() => Data("x", C(104), R(2), K(2)).Convolve(Weight("W", 104, 104, 3)));

    // Tiles have one padding and one dilation for rows and columns.
    private static bool CanBeTiled(Convolve c) =>
        c.Stride == 1 && c.Groups == 1 && c.Padding.IsSquare && c.Dilation.IsSquare;

    private static long CostOf(Node tiled, Node x) =>
        CostOfTransforming
        * ((TiledConvolve)tiled.Operation).Points(tiled.Shape)
        * (tiled.Shape[Axis.Channel] + x.Shape[Axis.Channel]);
}
