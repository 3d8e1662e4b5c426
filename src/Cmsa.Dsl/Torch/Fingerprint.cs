using System.Buffers.Binary;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A few elements of each of some weights as one number: a cheap way to notice that weights were written from outside,
/// as by <c>load_state_dict</c> of a module around this one, or by an optimizer. TorchSharp gives no access to
/// libtorch's version counters.
/// </summary>
/// <remarks>
/// It reads at most <see cref="Samples"/> places of each tensor, so that a write to single elements can go unnoticed,
/// and none of weights on a GPU, where reading would wait for the GPU.
/// </remarks>
internal static class Fingerprint
{
    private const int Samples = 8;
    private const ulong Offset = 14695981039346656037,
        Prime = 1099511628211;

    public static ulong Of(IEnumerable<Tensor> weights)
    {
        var hash = Offset;
        foreach (var weight in weights)
        {
            hash = (hash ^ (ulong)weight.Handle) * Prime;
            if (weight.device_type != DeviceType.CPU || !weight.is_contiguous())
                continue;
            hash = Of(weight, hash);
        }
        return hash;
    }

    private static ulong Of(Tensor weight, ulong hash)
    {
        var size = weight.ElementSize;
        var length = weight.NumberOfElements * size;
        // A span cannot be longer; such a weight is recognised by its handle alone.
        if (length is 0 or > int.MaxValue)
            return hash;
        var bytes = weight.bytes;
        var count = bytes.Length / (int)size;
        var samples = Math.Min(Samples, count);
        Span<byte> element = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < samples; i++)
        {
            var at = samples == 1 ? 0 : (int)((long)i * (count - 1) / (samples - 1));
            bytes.Slice(at * (int)size, (int)size).CopyTo(element);
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(element)) * Prime;
        }
        return hash;
    }
}
