using System.IO.Compression;
using System.Text;
using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The .pth files of PyTorch 1.6 and newer: a zip archive of a pickle, <c>data.pkl</c>, and of storages, <c>data/0</c>,
/// <c>data/1</c>, ...
/// </summary>
internal static class PyTorchZip
{
    // The pickle of a state dictionary holds names and shapes alone.
    private const long MaxPickle = 256 << 20;

    public static Either<Error, WeightsFile> Read(string path) =>
        Weights
            .Guarded(path, () => ZipFile.OpenRead(path))
            .Bind(archive =>
            {
                var read = Weights
                    .Guarded(path, () => Tensors(archive))
                    .Bind(found => found.MapLeft(wrong => new Error(wrong, path)))
                    .Map(tensors => new WeightsFile(path, tensors, default, archive));
                if (read.IsLeft)
                    archive.Dispose();
                return read;
            });

    private static Either<string, Many<Stored>> Tensors(ZipArchive archive)
    {
        var entries = archive.Entries.GroupBy(e => e.FullName).ToDictionary(g => g.Key, g => g.First());
        if (entries.Values.FirstOrDefault(e => e.Name == "data.pkl") is not { } pickle)
            return "a zip archive without data.pkl: not saved by torch.save";
        if (pickle.Length > MaxPickle)
            return $"data.pkl has {pickle.Length} bytes, more than any state dictionary needs";
        var folder = pickle.FullName[..^pickle.Name.Length];
        if (
            entries.TryGetValue($"{folder}byteorder", out var order)
            && order.Length < 16
            && Encoding.ASCII.GetString(Content(order)) == "big"
        )
            return "saved on a big-endian machine, which is not read";
        return PickleReader
            .Read(Content(pickle), PyTorchState.Options)
            .MapLeft(wrong => $"data.pkl: {wrong}")
            .Bind(root =>
                PyTorchState.Tensors(root, storage => Bytes(entries, $"{folder}data/{storage.Key}", storage))
            );
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var content = new byte[entry.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static Either<string, ByteSource> Bytes(
        Dictionary<string, ZipArchiveEntry> entries,
        string name,
        Storage storage
    )
    {
        if (!entries.TryGetValue(name, out var entry))
            return $"its storage {name} is not in the archive";
        if (entry.Length != storage.Count * StoredTypes.SizeOf(storage.Type))
            return $"its storage {name} has {entry.Length} bytes, not {storage.Count} elements";
        // A damaged entry is found before anything is loaded.
        using (entry.Open()) { }
        return (ByteSource)(
            (offset, into) =>
            {
                using var stream = entry.Open();
                Skip(stream, offset);
                stream.ReadExactly(into);
            }
        );
    }

    private static void Skip(Stream stream, long count)
    {
        var passed = new byte[Math.Min(count, 1 << 16)];
        for (; count > 0; count -= Math.Min(count, passed.Length))
            stream.ReadExactly(passed.AsSpan(0, (int)Math.Min(count, passed.Length)));
    }
}
