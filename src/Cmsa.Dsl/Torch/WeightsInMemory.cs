using TorchSharp;

namespace Cmsa.Dsl.Torch;

/// <summary>Tensors that another reader has in memory, as a file of weights.</summary>
public static class WeightsInMemory
{
    /// <summary>A file of weights whose tensors are in memory.</summary>
    /// <param name="path">The file that they are from.</param>
    /// <param name="tensors">The tensors, each with its elements, little-endian and without gaps.</param>
    public static WeightsFile Of(string path, Many<MemoryTensor> tensors) =>
        new(path, tensors.Map(Listed), new Nothing());

    private static Listed Listed(MemoryTensor tensor)
    {
        var stored = new Stored(tensor.Type, tensor.Sizes, Stored.Dense(tensor.Sizes), 0, Copy);
        return Torch.Listed.Of(tensor.Name, stored, tensor.Bytes.Length);

        void Copy(long offset, Span<byte> into) => tensor.Bytes.Span.Slice((int)offset, into.Length).CopyTo(into);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose() { }
    }
}

/// <summary>A tensor in memory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Sizes">The lengths of its axes, outermost first.</param>
/// <param name="Bytes">Its elements, little-endian and without gaps.</param>
public sealed record MemoryTensor(string Name, torch.ScalarType Type, Many<long> Sizes, ReadOnlyMemory<byte> Bytes);
