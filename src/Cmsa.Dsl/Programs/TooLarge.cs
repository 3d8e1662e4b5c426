using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Programs;

/// <summary>Values that no machine can hold are refused before anything runs.</summary>
internal static class TooLarge
{
    /// <summary>What is wrong with a value that is too large for any machine.</summary>
    internal static Option<Error> ProblemOf(Value value) =>
        value.Operands.Fold(value.Operands.Fold(value.Shape.Count, (n, o) => Math.Max(n, o.Shape.Count)), (n, o) => Magnitude.Product(n, value.Operation is LookUp ? 1 : Kernel(o.Shape))) <= Magnitude.Largest ? None
        : Some(Error.Misfit(
            $"a value of {value.Shape}{(value.Operands.IsEmpty ? "" : $" from {string.Join(" and ", value.Operands.Map(o => o.Shape))}")}",
            $"at most {Magnitude.Largest} numbers and products", "give smaller sizes"));

    // What each number of a linear map's or a convolution's result is a sum over.
    private static long Kernel(Shape weight) => weight.Only(Axis.In, Axis.KernelRow, Axis.KernelColumn).Count;
}
