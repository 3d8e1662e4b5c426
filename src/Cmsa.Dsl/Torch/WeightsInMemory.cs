namespace Cmsa.Dsl.Torch;

/// <summary>Tensors that another reader has in memory, as a file of weights.</summary>
public static class WeightsInMemory
{
    /// <summary>A file of weights whose tensors are in memory.</summary>
    /// <param name="path">The file that they are from.</param>
    /// <param name="tensors">The tensors, each with its elements, little-endian and without gaps.</param>
    public static WeightsFile Of(string path, IEnumerable<(StoredTensor Tensor, ReadOnlyMemory<byte> Bytes)> tensors) =>
        new(path, tensors.Select(t => Stored(t.Tensor, t.Bytes)), default, new Nothing());

    private static Stored Stored(StoredTensor tensor, ReadOnlyMemory<byte> bytes) =>
        new(
            tensor,
            Torch.Stored.Dense(tensor.Sizes),
            0,
            (offset, into) => bytes.Span.Slice((int)offset, into.Length).CopyTo(into)
        );

    private sealed class Nothing : IDisposable
    {
        public void Dispose() { }
    }
}
