using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>Reads bytes of a storage from an offset into a span, all of it.</summary>
internal delegate void ByteSource(long offset, Span<byte> into);

/// <summary>The elements of a tensor in a storage.</summary>
/// <param name="Type">The type of the elements.</param>
/// <param name="Sizes">The lengths of its axes, outermost first.</param>
/// <param name="Strides">Elements from one index to the next along each axis.</param>
/// <param name="Offset">Elements before the first.</param>
/// <param name="Bytes">The storage.</param>
internal sealed record Stored(ScalarType Type, Many<long> Sizes, Many<long> Strides, long Offset, ByteSource Bytes)
{
    // A tensor may take so many times the bytes of its file: strides of 0 and compressed zeros make far more of a small
    // file.
    private const long MostExpansion = 16;
    private const long LeastBound = 1 << 20;

    // A span holds at most 2 GiB.
    private const long Chunk = 1L << 27;

    /// <summary>The strides of a tensor whose elements stand one after the other.</summary>
    public static Many<long> Dense(Many<long> sizes)
    {
        var strides = new long[sizes.Count];
        var stride = 1L;
        for (var i = strides.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride = unchecked(stride * sizes[i]);
        }
        return [.. strides];
    }

    /// <summary>Elements from the first to the last in the storage, or null where they cannot be counted.</summary>
    public static long? Extent(Many<long> sizes, Many<long> strides)
    {
        if (sizes.Contains(0))
            return 0;
        try
        {
            return sizes
                .Zip(strides, (size, stride) => checked((size - 1) * stride))
                .Aggregate(1L, (a, b) => checked(a + b));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>How many elements there are, or null where they cannot be counted.</summary>
    public static long? Count(Many<long> sizes) =>
        Extent(sizes, Dense(sizes)) is { } extent && Product(sizes) == extent ? extent : null;

    /// <summary>Why the tensor takes too much memory for its file; empty where it does not.</summary>
    /// <param name="stored">The bytes of the file, as they are stored.</param>
    public string TooLarge(long stored)
    {
        var largest = LeastBound + MostExpansion * stored;
        var elements = Math.Max(Count(Sizes) ?? long.MaxValue, Extent(Sizes, Strides) ?? long.MaxValue);
        return elements <= largest / StoredTypes.SizeOf(Type)
            ? ""
            : $"its {Sizes} elements take more than {largest} bytes, {MostExpansion} times the file";
    }

    // A stride along an axis of length 1 may be anything.
    private bool IsDense
    {
        get
        {
            var dense = Dense(Sizes);
            return Sizes.Contains(0) || Many.Range(dense.Count).ForAll(i => Sizes[i] == 1 || Strides[i] == dense[i]);
        }
    }

    /// <summary>Copies the elements into a tensor of the same shape, of any type and device.</summary>
    public void CopyTo(Tensor target)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        if (IsDense && target.dtype == Type && target.device_type == DeviceType.CPU && target.is_contiguous())
        {
            Fill(target);
            return;
        }
        // One tensor at a time goes through memory of its own: libtorch converts, strides and moves it.
        var elements = empty([Extent(Sizes, Strides)!.Value], Type);
        Fill(elements);
        target.copy_(elements.as_strided([.. Sizes], [.. Strides]));
    }

    private void Fill(Tensor dense)
    {
        var flat = dense.reshape(-1);
        var size = StoredTypes.SizeOf(Type);
        for (var at = 0L; at < flat.shape[0]; at += Chunk)
        {
            var part = flat.narrow(0, at, Math.Min(Chunk, flat.shape[0] - at));
            Bytes((Offset + at) * size, part.bytes);
        }
    }

    private static double Product(Many<long> sizes) => sizes.Fold(1.0, (product, size) => product * size);
}
