namespace Cmsa;

/// <summary>
/// How large values and counts may get: no model runs that is larger, and what counts must not begin anew below 0.
/// </summary>
public static class Magnitude
{
    /// <summary>
    /// The largest count that is told from larger ones: 2^60. Small multiples of it are numbers still.
    /// </summary>
    public const long Most = 1L << 60;

    /// <summary>
    /// How many numbers a value may have in a program, and how many products one value may be made of: 2^50, 4 PiB in
    /// float32.
    /// </summary>
    public const long Largest = 1L << 50;

    /// <summary>The product of two counts, at most <see cref="Most"/>.</summary>
    public static long Product(long left, long right) =>
        (long)Int128.Min(Most, Int128.Max(-Most, (Int128)left * right));

    /// <summary>The sum of two counts, as large as a number can be where it would be larger.</summary>
    public static long Sum(long left, long right) =>
        (long)Int128.Min(long.MaxValue, Int128.Max(long.MinValue, (Int128)left + right));

    /// <summary>The sum of counts, as large as a number can be where it would be larger.</summary>
    public static long Total<T>(this IEnumerable<T> items, Func<T, long> count) =>
        items.Aggregate(0L, (sum, item) => Sum(sum, count(item)));
}
