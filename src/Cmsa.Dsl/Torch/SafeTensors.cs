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
            return Wrong($"{length} bytes are not a .safetensors file", Weights.CopyAgain);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(Bytes(file, 0, 8));
        if (size > MaxHeader)
            return Wrong($"a header of {size} bytes", "this is not a .safetensors file");
        if (size > (ulong)(length - 8))
        {
            var what = $"the file ends before it is complete: a header of {size} bytes where {length - 8} are left";
            return Wrong(what, Weights.CopyAgain);
        }
        var start = 8 + (long)size;
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var header = JsonDocument.Parse(Bytes(file, 8, (int)size), options);
            if (header.RootElement.ValueKind != JsonValueKind.Object)
                return Wrong("the header is not a JSON object");
            var metadata = Texts(header.RootElement);
            var entries = header.RootElement.EnumerateObject().Where(e => e.Name != Metadata);
            return from placed in Weights
                    .All(entries.Select(entry => Entry(entry, start, length, file)).ToMany())
                    .MapLeft(wrong => new Error(wrong, path))
                   from _ in Gap(placed, length - start) is { } gap
                       ? Left<Error, Unit>(new(gap, path, Weights.CopyAgain))
                       : unit
                   select new WeightsFile(path, placed.Map(p => p.Tensor), file) { Metadata = metadata };
        }
        catch (JsonException wrong)
        {
            return Wrong(
                $"the header is not JSON: {wrong.Message.Split(" LineNumber:")[0].TrimEnd('.')}",
                Weights.CopyAgain
            );
        }
        catch (InvalidOperationException)
        {
            return Wrong("the header holds text that is not Unicode");
        }
    }

    private static byte[] Bytes(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        Fill(file, offset, bytes);
        return bytes;
    }

    /// <summary>Reads a part of a file, all of it.</summary>
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

    private sealed record Placed(Listed Tensor, long Begin, long End);

    private static Either<string, Placed> Entry(JsonProperty entry, long start, long stored, SafeFileHandle file)
    {
        var (name, at) = (entry.Name, entry.Value);
        if (
            at.ValueKind != JsonValueKind.Object
            || !at.TryGetProperty("dtype", out var dtype)
            || !at.TryGetProperty("shape", out var shape)
            || !at.TryGetProperty("data_offsets", out var offsets)
        )
            return $"tensor {name} lacks its dtype, shape or data_offsets";
        if (Numbers(shape).Case is not Many<long> sizes || Numbers(offsets).Case is not Many<long> { Count: 2 })
            return $"tensor {name} has the shape {shape} and the offsets {offsets}, which are not lists of whole numbers";
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var known = types.Find(t => dtype.ValueKind == JsonValueKind.String && t.Name == dtype.GetString());
        if (known.Case is not (string, ScalarType type))
        {
            var unread = Listed.Not(name, sizes, StoredTypes.Unread($"{dtype}", types.Map(t => t.Name)));
            return begin <= end ? new Placed(unread, begin, end) : $"tensor {name} is at bytes {begin} to {end}";
        }
        var count = Stored.Count(sizes);
        if (
            begin > end
            || count is null
            || count > long.MaxValue / 8
            || end - begin != count * StoredTypes.SizeOf(type)
        )
            return $"tensor {name} of {type} {sizes} is at bytes {begin} to {end}, which is not its size";
        var elements = new Stored(
            type,
            sizes,
            Stored.Dense(sizes),
            0,
            (offset, into) => Fill(file, start + begin + offset, into)
        );
        return new Placed(Listed.Of(name, elements, stored), begin, end);
    }

    private static Option<Many<long>> Numbers(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
            return None;
        var numbers = new List<long>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
                return None;
            numbers.Add(number);
        }
        return numbers.ToMany();
    }

    /// <summary>What keeps the tensors from standing one after the other to the end of the file.</summary>
    private static string? Gap(Many<Placed> tensors, long length)
    {
        var reached = 0L;
        foreach (var placed in tensors.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            var name = placed.Tensor.Tensor.Name;
            if (placed.End > length)
                return $"the file ends before it is complete: tensor {name} ends at byte {placed.End} of {length}";
            if (placed.Begin < reached)
                return $"tensor {name} begins at byte {placed.Begin}, inside the one before, which ends at {reached}";
            if (placed.Begin > reached)
                return $"tensor {name} begins at byte {placed.Begin}, not next to the one before, which ends at {reached}";
            reached = placed.End;
        }
        return reached == length ? null : $"{length - reached} bytes after the last tensor";
    }

    private static HashMap<string, string> Texts(JsonElement header)
    {
        if (!header.TryGetProperty(Metadata, out var metadata) || metadata.ValueKind != JsonValueKind.Object)
            return default;
        return toHashMap(
            metadata
                .EnumerateObject()
                .Where(e => e.Value.ValueKind == JsonValueKind.String)
                .Select(e => (e.Name, e.Value.GetString()!))
        );
    }

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

    /// <summary>The elements of a tensor as a file holds them, a part at a time.</summary>
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
