using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments;

/// <summary>
/// Named tensors and texts in a .safetensors file, replaced as a whole or not at all: a full disk or a power cut leaves the file that was there. A digest of the
/// numbers stands in the file, so that what is damaged is not taken for what was learnt.
/// </summary>
internal static class TensorFile
{
    /// <summary>The name of the text that is the digest.</summary>
    public const string Digest = "digest";

    private static readonly (ScalarType Type, string Name)[] types =
        [(ScalarType.Float32, "F32"), (ScalarType.BFloat16, "BF16"), (ScalarType.Float16, "F16"), (ScalarType.Float64, "F64"), (ScalarType.Int64, "I64")];

    /// <summary>Writes beside the file, then puts what was written in its place.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="texts">What else is to be kept.</param>
    /// <param name="open">Opens a file for writing; the file system's own way unless a test gives another.</param>
    public static Either<Failure, Unit> Write(
        string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> texts, Func<string, Stream>? open = null) =>
        Failure.Try(path, () =>
        {
            var beside = path + ".new";
            try
            {
                using (var file = (open ?? Created)(beside))
                {
                    Write(file, tensors, texts);
                    if (file is FileStream real)
                        real.Flush(flushToDisk: true);
                }
                File.Move(beside, path, overwrite: true);
                return unit;
            }
            catch
            {
                if (File.Exists(beside))
                    File.Delete(beside);
                throw;
            }
        });

    private static FileStream Created(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.None);

    private static void Write(Stream file, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> texts)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var local = tensors.Select(t => (t.Name, Tensor: t.Tensor.detach().cpu().contiguous())).ToArray();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, tensor) in local)
            digest.AppendData(tensor.bytes);
        var header = new JsonObject { ["__metadata__"] = new JsonObject(
            texts.Append(KeyValuePair.Create(Digest, Convert.ToHexStringLower(digest.GetHashAndReset()))).Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))) };
        var at = 0L;
        foreach (var (name, tensor) in local)
        {
            var length = (long)tensor.bytes.Length;
            header[name] = new JsonObject
            {
                ["dtype"] = types.First(t => t.Type == tensor.dtype).Name,
                ["shape"] = new JsonArray([.. tensor.shape.Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(at, at + length),
            };
            at += length;
        }
        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        var padded = (json.Length + 7) / 8 * 8;
        var prefix = new byte[8 + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded);
        prefix.AsSpan(8).Fill((byte)' ');
        json.CopyTo(prefix, 8);
        file.Write(prefix);
        foreach (var (_, tensor) in local)
            file.Write(tensor.bytes);
    }

    /// <summary>What a file holds. The tensors are the caller's to dispose.</summary>
    public sealed record Contents(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Texts) : IDisposable
    {
        public void Dispose()
        {
            foreach (var tensor in Tensors.Values)
                tensor.Dispose();
        }
    }

    /// <summary>Reads a file; an error that names it where there is none, or it is cut off, damaged or something else.</summary>
    public static Either<Failure, Contents> Read(string path) =>
        !File.Exists(path) ? new Failure("there is no such file", path)
        : Failure.Try(path, () => File.ReadAllBytes(path)).Bind(bytes => Parse(bytes, path));

    /// <summary>
    /// The texts of a file, its digest among them under <c>digest</c>, without reading its tensors; none where there is no such file or it does not begin like one.
    /// </summary>
    public static Option<IReadOnlyDictionary<string, string>> Texts(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var reader = new BinaryReader(file);
            var length = reader.ReadUInt64();
            return length > (ulong)file.Length - 8 ? None
                : JsonNode.Parse(reader.ReadBytes((int)length))!["__metadata__"]!.AsObject().ToDictionary(t => t.Key, t => t.Value!.GetValue<string>());
        }
        catch (Exception wrong) when (wrong is IOException or JsonException or InvalidOperationException or NullReferenceException or UnauthorizedAccessException)
        {
            return None;
        }
    }

    private static Either<Failure, Contents> Parse(byte[] bytes, string path)
    {
        var damaged = new Failure("the file is cut off or damaged", path, "go back to an earlier checkpoint, or train again");
        if (bytes.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(bytes) is var length && length > (ulong)bytes.Length - 8)
            return damaged;
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            var header = JsonNode.Parse(bytes.AsSpan(8, (int)length))!.AsObject();
            var texts = header["__metadata__"]?.AsObject().ToDictionary(t => t.Key, t => t.Value!.GetValue<string>()) ?? [];
            var data = bytes.AsSpan(8 + (int)length);
            if (texts.TryGetValue(Digest, out var digest) && digest != Convert.ToHexStringLower(SHA256.HashData(data)))
                return damaged;
            foreach (var (name, entry) in header.Where(e => e.Key != "__metadata__"))
            {
                var type = types.First(t => t.Name == entry!["dtype"]!.GetValue<string>()).Type;
                var (start, end) = (entry!["data_offsets"]![0]!.GetValue<int>(), entry["data_offsets"]![1]!.GetValue<int>());
                var tensor = empty([.. entry["shape"]!.AsArray().Select(d => d!.GetValue<long>())], type).DetachFromDisposeScope();
                tensors[name] = tensor;
                data[start..end].CopyTo(tensor.bytes);
            }
            return new Contents(tensors, texts);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or FormatException)
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            return damaged;
        }
    }
}
