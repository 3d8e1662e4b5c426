namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>The ends of the ranges of numbers.</summary>
internal static class Limits
{
    /// <summary>
    /// The logarithm of nothing: low enough that its exponential is 0, and a number, so that differences of two such
    /// are numbers too.
    /// </summary>
    public const double NoLogit = -1e30;

    /// <summary>The lowest number of a type.</summary>
    public static double Lowest(DataType type) =>
        type switch
        {
            DataType.Double => double.MinValue,
            DataType.Float16 => (double)Half.MinValue,
            _ => float.MinValue,
        };
}
