using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>Values that no machine can hold are refused before anything runs.</summary>
internal static class TooLarge
{
    /// <summary>What is wrong with a value that is too large for any machine.</summary>
    internal static Option<Error> ErrorOf(Node node) =>
        node.Operation is Loop loop
            ? loop.Body.Nodes.Choose(ErrorOf) is [var first, ..]
                ? first
                : None
            : node.Operands.Fold(
                node.Operands.Fold(node.Shape.Count, (n, o) => Math.Max(n, o.Shape.Count)),
                (n, o) => Magnitude.Product(n, node.Operation is LookUp ? 1 : Kernel(o.Shape))
            ) <= Magnitude.Largest
                ? None
                : Some(
                    Error.Misfit(
                        $"a value of {node.Shape}{(node.Operands.IsEmpty ? "" : $" from {string.Join(" and ", node.Operands.Map(o => o.Shape))}")}",
                        $"at most {Magnitude.Largest} numbers and products",
                        "give smaller sizes"
                    )
                );

    // What each number of a linear map's or a convolution's result is a sum over.
    private static long Kernel(Shape weight) => weight.Only(Axis.In, Axis.KernelRow, Axis.KernelColumn).Count;
}
