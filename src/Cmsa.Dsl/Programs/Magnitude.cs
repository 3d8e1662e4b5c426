using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Programs;

/// <summary>How large values and counts may get: no model runs that is larger, and what counts must not begin anew below 0.</summary>
public static class Magnitude
{
    /// <summary>The largest count that is told from larger ones: 2^60. Small multiples of it are numbers still.</summary>
    public const long Most = 1L << 60;

    /// <summary>How many numbers a value may have in a program, and how many products one value may be made of: 2^50, 4 PiB in float32.</summary>
    public const long Largest = 1L << 50;

    /// <summary>The product of two counts, at most <see cref="Most"/>.</summary>
    public static long Product(long left, long right) => (long)Int128.Min(Most, Int128.Max(-Most, (Int128)left * right));

    /// <summary>The sum of two counts, as large as a number can be where it would be larger.</summary>
    public static long Sum(long left, long right) => (long)Int128.Min(long.MaxValue, Int128.Max(long.MinValue, (Int128)left + right));

    /// <summary>The sum of counts, as large as a number can be where it would be larger.</summary>
    public static long Total<T>(this IEnumerable<T> items, Func<T, long> count) => items.Aggregate(0L, (sum, item) => Sum(sum, count(item)));

    /// <summary>What is wrong with a value that is too large for any machine.</summary>
    internal static Option<Problem> ProblemOf(Value value) =>
        value.Operands.Fold(value.Operands.Fold(value.Shape.Count, (n, o) => Math.Max(n, o.Shape.Count)), (n, o) => Product(n, value.Operation is LookUp ? 1 : Kernel(o.Shape))) <= Largest ? None
        : Some(new Problem(
            $"a value of {value.Shape}{(value.Operands.IsEmpty ? "" : $" from {string.Join(" and ", value.Operands.Map(o => o.Shape))}")}",
            $"at most {Largest} numbers and products", "give smaller sizes"));

    // What each number of a linear map's or a convolution's result is a sum over.
    private static long Kernel(Shape weight) => weight.Only(Axis.In, Axis.KernelRow, Axis.KernelColumn).Count;
}
