using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A 3x3 convolution of stride 1 computed in tiles of 2x2 results, 16 products each in the place of 36 (Winograd 1980;
/// Lavin and Gray, CVPR 2016). Dilated ones are convolutions of interleaved maps. The kernels are transformed once.
/// </summary>
public static class Winograd
{
    // What it takes to bring one number into a tile or out of it, in multiply-adds of a product of matrices: measured
    // on CPUs, where it is memory that is waited for.
    private const long CostOfTransforming = 64;

    /// <summary>The rule, where it spares more than the transforms take.</summary>
    public static Rule Rule { get; } =
        new(
            "winograd",
            "W * x = A' [(G W G') . (B' x B)] A in tiles of 2x2 results",
            node =>
                Tiled(node)
                    .Filter(tiled =>
                        node.MultiplyAdds() - tiled.MultiplyAdds()
                        > CostOfTransforming
                            * ((TiledConvolve)tiled.Operation).Points(tiled.Shape)
                            * (tiled.Shape[Axis.Channel] + node.Operands[0].Shape[Axis.Channel])
                    )
        );

    /// <summary>
    /// A convolution in tiles, whether that pays or not; none where it is not 3x3 or not of stride 1.
    /// </summary>
    public static Option<Node> Tiled(Node node) =>
        node is { Operation: Convolve(1, var padding, var dilation, 1), Operands: [var x, var weight, .. var bias] }
        && weight.Shape[Axis.KernelRow] == 3
        && weight.Shape[Axis.KernelColumn] == 3
        && padding <= dilation
            ? Some(new Node(new TiledConvolve(padding, dilation), [x, new(new TransformKernel(), weight), .. bias]))
            : None;
}
