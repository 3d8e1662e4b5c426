using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>Values that no machine can hold are refused before anything runs.</summary>
internal static class TooLarge
{
    /// <summary>What is wrong with a value that is too large for any machine.</summary>
    internal static Option<Error> ErrorOf(Node node)
    {
        if (node.Operation is Loop loop)
            return loop.Body.Nodes.Choose(ErrorOf) is [var first, ..] ? first : None;
        var largest = node.Operands.Fold(node.Shape.Count, (n, o) => Math.Max(n, o.Shape.Count));
        var products = node.Operands.Fold(
            largest,
            (n, o) => Magnitude.Product(n, node.Operation is LookUp ? 1 : Kernel(o.Shape))
        );
        if (products <= Magnitude.Largest)
            return None;
        var operands = string.Join(" and ", node.Operands.Map(o => o.Shape));
        return Error.Misfit(
            $"a value of {node.Shape}{(operands.Length == 0 ? "" : $" from {operands}")}",
            $"at most {Magnitude.Largest} numbers and products",
            "give smaller sizes"
        );
    }

    // What each number of a linear map's or a convolution's result is a sum over.
    private static long Kernel(Shape weight) => weight.Only(Axis.In, Axis.KernelRow, Axis.KernelColumn).Count;
}
