using TorchSharp;
using Number = TorchSharp.Scalar;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The numbers that kernels give to TorchSharp's functions. TorchSharp frees a <see cref="Number"/> that nothing refers to any more, on the collector's thread and even
/// while the function that it was given to still reads it; what is computed then is anything. So no kernel makes one on the way: it holds its own or takes one of these. A sum
/// of tensors makes one too (the weight of the second), which is why there is <see cref="Plus"/>.
/// </summary>
public static class Held
{
    /// <summary>0.</summary>
    public static Number Zero { get; } = 0;

    /// <summary>1.</summary>
    public static Number One { get; } = 1;

    /// <summary>2.</summary>
    public static Number Two { get; } = 2;

    /// <summary>Negative infinity.</summary>
    public static Number NoNumber { get; } = double.NegativeInfinity;

    /// <summary>0, 1, ... up to a count, as whole numbers.</summary>
    public static Tensor Range(long count, Device device) => torch.ones([count], ScalarType.Int64, device).cumsum(0).sub(torch.ones([1], ScalarType.Int64, device));

    extension(Tensor x)
    {
        /// <summary>x + y.</summary>
        public Tensor Plus(Tensor y) => x.add(y, One);

        /// <summary>x, and 0 where a boolean is true.</summary>
        public Tensor ZeroWhere(Tensor mask) => x.masked_fill(mask, Zero);
    }
}
