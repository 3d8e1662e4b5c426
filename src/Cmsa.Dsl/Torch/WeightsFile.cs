using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>A tensor in a file.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Sizes">The lengths of its axes, outermost first.</param>
public sealed record StoredTensor(string Name, ScalarType Type, Many<long> Sizes)
{
    /// <summary>Name, type and lengths.</summary>
    public override string ToString() => $"{Name} {Type} {Sizes}";
}

/// <summary>
/// The tensors of a file by name, whatever its format; opened by <see cref="Weights.Read"/>. Tensors are read when they
/// are asked for; the file stays open until this is disposed.
/// </summary>
public sealed class WeightsFile : IDisposable
{
    private readonly Dictionary<string, Stored> tensors;
    private readonly IDisposable open;

    internal WeightsFile(string path, IEnumerable<Stored> tensors, HashMap<string, string> metadata, IDisposable open)
    {
        (Path, Metadata, this.open) = (path, metadata, open);
        var stored = tensors.ToArray();
        Tensors = stored.Select(t => t.Tensor).ToMany();
        this.tensors = stored.ToDictionary(t => t.Tensor.Name);
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>What is in it, in the file's order.</summary>
    public Many<StoredTensor> Tensors { get; }

    /// <summary>What else it says; only .safetensors files say anything.</summary>
    public HashMap<string, string> Metadata { get; }

    /// <summary>
    /// A tensor in the type and shape that it has in the file, on the CPU; the caller's to dispose. Unusable where
    /// there is none of this name, or the disk fails.
    /// </summary>
    public Either<Error, Tensor> Read(string name) =>
        tensors.TryGetValue(name, out var stored)
            ? Weights.Guarded(
                Path,
                () =>
                {
                    var tensor = torch.empty([.. stored.Tensor.Sizes], stored.Tensor.Type);
                    stored.CopyTo(tensor);
                    return tensor;
                }
            )
            : new Error(
                $"there is no tensor {name}",
                Path,
                Nearest.To(name, tensors.Keys).Map(n => $"did you mean {n}?").IfNone("")
            );

    /// <summary>Copies a tensor of the file into one of the same shape, of any type and device.</summary>
    internal void CopyTo(string name, Tensor target) => tensors[name].CopyTo(target);

    /// <inheritdoc/>
    public void Dispose() => open.Dispose();
}

/// <summary>Reads bytes of a storage from an offset into a span, all of it.</summary>
internal delegate void ByteSource(long offset, Span<byte> into);

/// <summary>A tensor as it lies in a storage.</summary>
/// <param name="Tensor">What it is.</param>
/// <param name="Strides">Elements from one index to the next along each axis.</param>
/// <param name="Offset">Elements before the first.</param>
/// <param name="Bytes">The storage.</param>
internal sealed record Stored(StoredTensor Tensor, Many<long> Strides, long Offset, ByteSource Bytes)
{
    // A span holds at most 2 GiB.
    private const long Chunk = 1L << 27;

    /// <summary>The strides of a tensor whose elements lie one after the other.</summary>
    public static Many<long> Dense(Many<long> sizes) =>
        sizes
            .Tail.Reverse()
            .Aggregate<long, Many<long>>([1], (strides, size) => [strides[0] * size, .. strides])
            .Take(sizes.Count);

    /// <summary>Elements from the first to the last in the storage, or none where they cannot be counted.</summary>
    public static long? Extent(Many<long> sizes, Many<long> strides)
    {
        try
        {
            return sizes.Contains(0)
                ? 0
                : sizes
                    .Zip(strides, (size, stride) => checked((size - 1) * stride))
                    .Aggregate(1L, (a, b) => checked(a + b));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    // A stride that is never taken may be anything.
    private bool IsDense =>
        Tensor.Sizes.Contains(0)
        || Dense(Tensor.Sizes) is var dense
            && Many.Range(dense.Count).ForAll(i => Tensor.Sizes[i] == 1 || Strides[i] == dense[i]);

    public void CopyTo(Tensor target)
    {
        using var scope = NewDisposeScope();
        using var mode = torch.no_grad();
        if (IsDense && target.dtype == Tensor.Type && target.device_type == DeviceType.CPU && target.is_contiguous())
        {
            Fill(target);
            return;
        }
        // One tensor at a time takes the way through memory of its own: libtorch converts, strides and moves it.
        var elements = torch.empty([Extent(Tensor.Sizes, Strides)!.Value], Tensor.Type);
        Fill(elements);
        target.copy_(elements.as_strided([.. Tensor.Sizes], [.. Strides]));
    }

    private void Fill(Tensor dense)
    {
        var flat = dense.reshape(-1);
        for (var at = 0L; at < flat.shape[0]; at += Chunk)
            Bytes(
                (Offset + at) * StoredTypes.SizeOf(Tensor.Type),
                flat.narrow(0, at, Math.Min(Chunk, flat.shape[0] - at)).bytes
            );
    }
}

/// <summary>The types of elements that files are read in.</summary>
internal static class StoredTypes
{
    /// <summary>The bytes of an element.</summary>
    public static int SizeOf(ScalarType type) =>
        type switch
        {
            ScalarType.Float64 or ScalarType.Int64 => 8,
            ScalarType.Float32 or ScalarType.Int32 => 4,
            ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
            _ => 1,
        };
}
