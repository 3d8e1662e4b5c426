using System.IO.Compression;
using System.Text;
using Cmsa.Pickle;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The .pth files of PyTorch 1.6 and newer: a zip archive of a pickle, <c>data.pkl</c>, and of storages, <c>data/0</c>,
/// <c>data/1</c>, ...
/// </summary>
internal sealed class PyTorchZip : IDisposable
{
    private readonly ZipArchive archive;
    private readonly Dictionary<string, ZipArchiveEntry> entries;
    private readonly long length;

    // Storages that several tensors share, unpacked.
    private readonly Dictionary<string, Tensor> unpacked = [];

    private PyTorchZip(string path)
    {
        length = new FileInfo(path).Length;
        archive = ZipFile.OpenRead(path);
        entries = archive.Entries.GroupBy(e => e.FullName).ToDictionary(g => g.Key, g => g.First());
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Where the state dictionary is; empty to find it.</param>
    public static Either<Error, WeightsFile> Read(string path, string key) =>
        Opened(path)
            .Bind(zip =>
            {
                var read = Weights.Guarded(path, () => zip.File(path, key)).Bind(file => file);
                if (read.IsLeft)
                    zip.Dispose();
                return read;
            });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var storage in unpacked.Values)
            storage.Dispose();
        archive.Dispose();
    }

    private static Either<Error, PyTorchZip> Opened(string path) =>
        Weights
            .Guarded(
                path,
                () =>
                {
                    try
                    {
                        return Right<Error, PyTorchZip>(new PyTorchZip(path));
                    }
                    catch (InvalidDataException)
                    {
                        // A zip archive has its directory at its end.
                        return new Error(
                            "the file ends before it is complete: its zip archive has no directory",
                            path,
                            Weights.CopyAgain
                        );
                    }
                }
            )
            .Bind(zip => zip);

    private Either<Error, WeightsFile> File(string path, string key)
    {
        if (entries.Keys.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
            return PyTorchCheckpoint.TorchScript.At(path);
        if (entries.Values.FirstOrDefault(e => e.Name == "data.pkl") is not { } pickle)
            return new Error("a zip archive without data.pkl: not saved by torch.save", path);
        var folder = pickle.FullName[..^pickle.Name.Length];
        if (IsBigEndian(folder))
            return new Error("saved on a big-endian machine, which is not read", path);
        // What the pickle takes is bounded by what is stored, however far it is compressed.
        var memory = PickleOptions.MemoryFor(length) - pickle.Length;
        if (memory < 0)
            return new Error($"data.pkl has {pickle.Length} bytes, far more than the file", path);
        return from root in PickleReader
                .Read(Content(pickle), PickleOptions.Inert with { MaxMemory = memory })
                .MapLeft(wrong => wrong.At($"{path}, {wrong.Where}"))
               from state in PyTorchCheckpoint.State(root, key).MapLeft(wrong => wrong.At(path))
               from tensors in Tensors(state, $"{folder}data/").MapLeft(wrong => new Error(wrong, path))
               select new WeightsFile(path, tensors, this) { Checkpoint = root };
    }

    private Either<string, Many<Listed>> Tensors(Many<(string Name, PickleValue Tensor)> state, string folder)
    {
        var users = state
            .Choose(t => PyTorchTensor.StorageOf(t.Tensor))
            .GroupBy(storage => storage.Key)
            .ToDictionary(group => group.Key, group => group.Count());
        return Weights.All(
            state.Map(t =>
                PyTorchTensor.Of(
                    t.Name,
                    t.Tensor,
                    length,
                    storage => Bytes($"{folder}{storage.Key}", storage, isShared: users[storage.Key] > 1)
                )
            )
        );
    }

    private bool IsBigEndian(string folder) =>
        entries.TryGetValue($"{folder}byteorder", out var order)
        && order.Length < 16
        && Encoding.ASCII.GetString(Content(order)) == "big";

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var content = new byte[entry.Length];
        stream.ReadExactly(content);
        return content;
    }

    private Either<string, ByteSource> Bytes(string name, Storage storage, bool isShared)
    {
        if (!entries.TryGetValue(name, out var entry))
            return $"its storage {name} is not in the archive";
        if (entry.Length != storage.Bytes)
            return $"its storage {name} has {entry.Length} bytes, not {storage.Count} elements";
        // A damaged entry is found before anything is loaded.
        using (entry.Open()) { }
        return (ByteSource)(
            (offset, into) =>
            {
                if (isShared)
                    Copy(Unpacked(entry), offset, into);
                else
                    Copy(entry, offset, into);
            }
        );
    }

    private static void Copy(ZipArchiveEntry entry, long offset, Span<byte> into)
    {
        using var stream = entry.Open();
        var passed = new byte[Math.Min(offset, 1 << 16)];
        for (var left = offset; left > 0;)
        {
            var part = (int)Math.Min(left, passed.Length);
            stream.ReadExactly(passed.AsSpan(0, part));
            left -= part;
        }
        stream.ReadExactly(into);
    }

    private static void Copy(Tensor storage, long offset, Span<byte> into)
    {
        using var part = storage.narrow(0, offset, into.Length);
        part.bytes.CopyTo(into);
    }

    /// <summary>A storage, unpacked once for all tensors that share it.</summary>
    private Tensor Unpacked(ZipArchiveEntry entry)
    {
        if (unpacked.TryGetValue(entry.FullName, out var known))
            return known;
        const long chunk = 1 << 27;
        var whole = empty([entry.Length], ScalarType.Byte).DetachFromDisposeScope();
        unpacked.Add(entry.FullName, whole);
        using var stream = entry.Open();
        for (var at = 0L; at < entry.Length; at += chunk)
        {
            using var part = whole.narrow(0, at, Math.Min(chunk, entry.Length - at));
            stream.ReadExactly(part.bytes);
        }
        return whole;
    }
}
