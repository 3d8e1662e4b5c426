using System.Collections.Concurrent;
using TorchSharp;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Numbers as TorchSharp takes them, kept for good. TorchSharp hands the native side a number that nothing holds any
/// more, and a collection at that moment frees it under the operation that reads it; so kernels give every number from
/// here, the factor 1 of a sum too.
/// </summary>
public static class Scalars
{
    private static readonly ConcurrentDictionary<double, TorchSharp.Scalar> reals = new();
    private static readonly ConcurrentDictionary<long, TorchSharp.Scalar> integers = new();

    /// <summary>
    /// A real number. Each different one is kept until the process ends: for constants, not for what changes from step
    /// to step.
    /// </summary>
    public static TorchSharp.Scalar Of(double number) => reals.GetOrAdd(number, n => n.ToScalar());

    /// <inheritdoc cref="Of(double)"/>
    public static TorchSharp.Scalar Of(long number) => integers.GetOrAdd(number, n => n.ToScalar());

    /// <summary>1: by what the second operand of a sum is multiplied.</summary>
    public static TorchSharp.Scalar One { get; } = 1L.ToScalar();
}
