using System.Buffers.Binary;
using System.Text.Json;
using LanguageExt;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The format .safetensors: the length of a header (8 bytes, little-endian), the header as JSON (each tensor's type,
/// shape and place; <c>__metadata__</c>), and the elements, little-endian, one tensor after the other without gaps.
/// </summary>
internal static class SafeTensors
{
    private const string Metadata = "__metadata__";

    // The reference implementation's bound.
    private const long MaxHeader = 100_000_000;

    private static readonly Many<(string Name, ScalarType Type)> types =
    [
        ("F32", ScalarType.Float32),
        ("F64", ScalarType.Float64),
        ("BF16", ScalarType.BFloat16),
        ("F16", ScalarType.Float16),
        ("I64", ScalarType.Int64),
        ("I32", ScalarType.Int32),
        ("I16", ScalarType.Int16),
        ("I8", ScalarType.Int8),
        ("U8", ScalarType.Byte),
        ("BOOL", ScalarType.Bool),
    ];

    public static Either<Error, WeightsFile> Read(string path) =>
        Weights
            .Guarded(path, () => File.OpenHandle(path, options: FileOptions.SequentialScan))
            .Bind(file =>
            {
                var read = Weights.Guarded(path, () => Open(path, file)).Bind(opened => opened);
                if (read.IsLeft)
                    file.Dispose();
                return read;
            });

    private static Either<Error, WeightsFile> Open(string path, SafeFileHandle file)
    {
        Either<Error, WeightsFile> Wrong(string what, string hint = "") => new Error(what, path, hint);

        var length = RandomAccess.GetLength(file);
        if (length < 8)
            return Wrong($"{length} bytes are no .safetensors file", "copy it anew");
        var size = BinaryPrimitives.ReadUInt64LittleEndian(Bytes(file, 0, 8));
        if (size > MaxHeader)
            return Wrong($"a header of {size} bytes", "this is no .safetensors file");
        if (size > (ulong)(length - 8))
            return Wrong(
                $"the file ends before it is complete: a header of {size} bytes where {length - 8} are left",
                "copy it anew"
            );
        var start = 8 + (long)size;
        try
        {
            using var header = JsonDocument.Parse(
                Bytes(file, 8, (int)size),
                new JsonDocumentOptions { AllowDuplicateProperties = false }
            );
            if (header.RootElement.ValueKind != JsonValueKind.Object)
                return Wrong("the header is no JSON object");
            var entries = header
                .RootElement.EnumerateObject()
                .Where(e => e.Name != Metadata)
                .Select(e => Entry(e, start, file))
                .ToArray();
            return entries.SelectMany(e => e.Match(Right: _ => [], Left: wrong => new[] { wrong })).FirstOrDefault()
                    is { } wrong
                    ? Wrong(wrong)
                : Gap(entries.SelectMany(e => e.RightToSeq()).OrderBy(e => e.Begin).ThenBy(e => e.End), length - start)
                    is { } gap
                    ? Wrong(gap, "copy it anew")
                : new WeightsFile(
                    path,
                    entries.SelectMany(e => e.RightToSeq()).Select(e => e.Stored),
                    Said(header.RootElement),
                    file
                );
        }
        catch (JsonException wrong)
        {
            return Wrong(
                $"the header is no JSON: {wrong.Message.Split(" LineNumber:")[0].TrimEnd('.')}",
                "copy it anew"
            );
        }
        catch (InvalidOperationException)
        {
            return Wrong("the header holds text that is no Unicode");
        }
    }

    private static byte[] Bytes(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        Fill(file, offset, bytes);
        return bytes;
    }

    /// <summary>Reads a stretch of a file, all of it.</summary>
    internal static void Fill(SafeFileHandle file, long offset, Span<byte> into)
    {
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(file, into, offset);
            if (read == 0)
                throw new EndOfStreamException();
            into = into[read..];
            offset += read;
        }
    }

    private sealed record Placed(Stored Stored, long Begin, long End);

    private static Either<string, Placed> Entry(JsonProperty entry, long start, SafeFileHandle file)
    {
        var (name, at) = (entry.Name, entry.Value);
        if (
            at.ValueKind != JsonValueKind.Object
            || !at.TryGetProperty("dtype", out var dtype)
            || !at.TryGetProperty("shape", out var shape)
            || !at.TryGetProperty("data_offsets", out var offsets)
        )
            return $"tensor {name} lacks its dtype, shape or data_offsets";
        if (
            types.Find(t => dtype.ValueKind == JsonValueKind.String && t.Name == dtype.GetString()).Case
            is not
            (string, ScalarType type)
        )
            return $"tensor {name} is of the type {dtype}, which is not read; it is one of {string.Join(", ", types.Map(t => t.Name))}";
        if (Numbers(shape) is not { } sizes || Numbers(offsets) is not [var begin, var end])
            return $"tensor {name} has the shape {shape} and the offsets {offsets}, which are not lists of whole numbers";
        var count = Stored.Extent(sizes.ToMany(), Stored.Dense(sizes.ToMany()));
        return
            begin > end || count is null || count > long.MaxValue / 8 || end - begin != count * StoredTypes.SizeOf(type)
            ? $"tensor {name} of {type} {sizes.ToMany()} lies at bytes {begin} to {end}, which is not its size"
            : new Placed(
                new(
                    new(name, type, sizes.ToMany()),
                    Stored.Dense(sizes.ToMany()),
                    0,
                    (offset, into) => Fill(file, start + begin + offset, into)
                ),
                begin,
                end
            );
    }

    private static long[]? Numbers(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array
        && list.EnumerateArray()
            .All(n => n.ValueKind == JsonValueKind.Number && n.TryGetInt64(out var whole) && whole >= 0)
            ? [.. list.EnumerateArray().Select(n => n.GetInt64())]
            : null;

    /// <summary>What keeps the tensors from lying one after the other to the end of the file.</summary>
    private static string? Gap(IEnumerable<Placed> tensors, long length)
    {
        var reached = 0L;
        foreach (var tensor in tensors)
        {
            var name = tensor.Stored.Tensor.Name;
            if (tensor.End > length)
                return $"the file ends before it is complete: tensor {name} ends at byte {tensor.End} of {length}";
            if (tensor.Begin < reached)
                return $"tensor {name} begins at byte {tensor.Begin}, inside the one before, which ends at {reached}";
            if (tensor.Begin > reached)
                return $"tensor {name} begins at byte {tensor.Begin}, not next to the one before, which ends at {reached}";
            reached = tensor.End;
        }
        return reached == length ? null : $"{length - reached} bytes after the last tensor";
    }

    private static HashMap<string, string> Said(JsonElement header) =>
        header.TryGetProperty(Metadata, out var said) && said.ValueKind == JsonValueKind.Object
            ? toHashMap(
                said.EnumerateObject()
                    .Where(e => e.Value.ValueKind == JsonValueKind.String)
                    .Select(e => (e.Name, e.Value.GetString()!))
            )
            : default;

    /// <inheritdoc cref="Weights.Write"/>
    public static Either<Error, Unit> Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        HashMap<string, string> metadata,
        Func<string, Stream> open
    )
    {
        var list = tensors.ToArray();
        return Weights.Guarded(
            path,
            () =>
            {
                var beside = $"{path}.new";
                try
                {
                    using (var file = open(beside))
                    {
                        var header = Header(list, metadata);
                        Span<byte> size = stackalloc byte[8];
                        BinaryPrimitives.WriteUInt64LittleEndian(size, (ulong)header.Length);
                        file.Write(size);
                        file.Write(header);
                        foreach (var (_, tensor) in list)
                            Each(tensor, bytes => file.Write(bytes));
                        if (file is FileStream real)
                            real.Flush(flushToDisk: true);
                    }
                    File.Move(beside, path, overwrite: true);
                    return unit;
                }
                finally
                {
                    File.Delete(beside);
                }
            }
        );
    }

    private static long Size(Tensor tensor) => tensor.numel() * StoredTypes.SizeOf(tensor.dtype);

    /// <summary>The header, with blanks at its end so that the elements begin at a multiple of 8 bytes.</summary>
    private static byte[] Header((string Name, Tensor Tensor)[] tensors, HashMap<string, string> metadata)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject(Metadata);
            json.WriteString("format", "pt");
            foreach (var (name, text) in metadata)
                json.WriteString(name, text);
            json.WriteEndObject();
            var at = 0L;
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", types.Find(t => t.Type == tensor.dtype).Map(t => t.Name).IfNone(""));
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += Size(tensor));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0)
            bytes.WriteByte((byte)' ');
        return bytes.ToArray();
    }

    /// <summary>The elements of a tensor as they stand in a file, a stretch at a time.</summary>
    internal static void Each(Tensor tensor, Action<Span<byte>> act)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().reshape(-1);
        // A span holds at most 2 GiB.
        const long chunk = 1L << 27;
        for (var at = 0L; at < flat.shape[0]; at += chunk)
            act(flat.narrow(0, at, Math.Min(chunk, flat.shape[0] - at)).bytes);
    }
}
