using System.Buffers.Binary;
using Cmsa.Pickle;
using LanguageExt;
using Microsoft.Win32.SafeHandles;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The .pth files of PyTorch before 1.6: five pickles (a magic number, the protocol, the machine, the checkpoint, the
/// storages' keys), then each storage: its count of elements (8 bytes, little-endian) and the elements.
/// </summary>
internal static class PyTorchLegacy
{
    // The pickles are at the beginning and small beside the storages: so much is read first, then more.
    private const int FirstTry = 1 << 20;
    private const int LastTry = 256 << 20;

    /// <summary>The first pickle: the number 0x1950a86a20f9469cfc6c.</summary>
    public static ReadOnlySpan<byte> Magic =>
        [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Where the state dictionary is; empty to find it.</param>
    public static Either<Error, WeightsFile> Read(string path, string key) =>
        Weights
            .Guarded(path, () => File.OpenHandle(path, options: FileOptions.SequentialScan))
            .Bind(file =>
            {
                var read = Weights.Guarded(path, () => Open(path, key, file)).Bind(opened => opened);
                if (read.IsLeft)
                    file.Dispose();
                return read;
            });

    private static Either<Error, WeightsFile> Open(string path, string key, SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        return from pickles in Pickles(file, length, FirstTry).MapLeft(fault => Inside(path, fault.ToError()))
               from _ in IsBigEndian(pickles.Machine)
                   ? Left<Error, Unit>(new("saved on a big-endian machine, which is not read", path))
                   : unit
               from state in PyTorchCheckpoint.State(pickles.Checkpoint, key).MapLeft(wrong => wrong.At(path))
               from storages in Storages(pickles.Checkpoint).MapLeft(wrong => new Error(wrong, path))
               from places in Places(file, length, storages, pickles).MapLeft(wrong => wrong.At(path))
               from tensors in Weights
                   .All(state.Map(t => PyTorchTensor.Of(t.Name, t.Tensor, length, s => Bytes(file, places, s))))
                   .MapLeft(wrong => new Error(wrong, path))
               select new WeightsFile(path, tensors, file) { Checkpoint = pickles.Checkpoint };
    }

    private static Error Inside(string path, Error wrong) => wrong.At($"{path}, {wrong.Where}");

    // ---- the pickles

    private sealed record Parts(PickleValue Machine, PickleValue Checkpoint, PickleValue Keys, int End);

    private static Either<PickleFault, Parts> Pickles(SafeFileHandle file, long length, int window)
    {
        var bytes = new byte[Math.Min(length, window)];
        SafeTensors.Fill(file, 0, bytes);
        var options = PickleOptions.Inert with { MaxMemory = PickleOptions.MemoryFor(length) };
        var read =
            from magic in PickleReader.First(bytes, options)
            from protocol in PickleReader.First(bytes, options, magic.End)
            from machine in PickleReader.First(bytes, options, protocol.End)
            from checkpoint in PickleReader.First(bytes, options, machine.End)
            from keys in PickleReader.First(bytes, options, checkpoint.End)
            select new Parts(machine.Value, checkpoint.Value, keys.Value, keys.End);
        var isCut = read.LeftToSeq().Exists(fault => fault.IsCut);
        return isCut && bytes.Length < length && window < LastTry ? Pickles(file, length, window * 4) : read;
    }

    private static bool IsBigEndian(PickleValue machine) =>
        machine is PickleValue.Dict dict && dict.Find("little_endian").Case is PickleValue.Bool { Value: false };

    // ---- the storages

    /// <summary>
    /// All storages by key, those of an optimizer too: where a storage begins follows from the sizes of all before it.
    /// </summary>
    private static Either<string, Dictionary<string, Storage>> Storages(PickleValue checkpoint)
    {
        var storages = new Dictionary<string, Storage>();
        foreach (
            var storage in checkpoint
                .Each()
                .SelectMany(value => Storage.Of(value).ToSeq())
                .Select(found => found.Storage)
        )
        {
            if (!storages.TryAdd(storage.Key, storage) && storages[storage.Key] != storage)
                return $"storage {storage.Key} has two sizes: {storages[storage.Key].Count} and {storage.Count} elements";
        }
        return storages;
    }

    /// <summary>Where the elements of each storage begin.</summary>
    private static Either<Error, Dictionary<string, long>> Places(
        SafeFileHandle file,
        long length,
        Dictionary<string, Storage> storages,
        Parts pickles
    )
    {
        var places = new Dictionary<string, long>();
        var at = (long)pickles.End;
        foreach (var key in pickles.Keys is PickleValue.List list ? list.Items : default)
        {
            if (key is not PickleValue.Text name || !storages.TryGetValue(name.Value, out var storage))
                return new Error("a storage that the checkpoint does not use");
            if (storage.Type.Size == 0)
                return new Error($"storage {storage.Key} is of the unknown type {storage.Type.Name}");
            var left = Math.Max(0, length - at - 8);
            if (storage.Bytes > left)
            {
                var what =
                    $"the file ends before it is complete: storage {storage.Key} has {storage.Bytes} bytes, {left} are left";
                return new Error(what, Hint: Weights.CopyAgain);
            }
            var count = new byte[8];
            SafeTensors.Fill(file, at, count);
            var found = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (found != storage.Count)
                return new Error($"storage {storage.Key} has {found} elements, not {storage.Count}");
            places[storage.Key] = at + 8;
            at += 8 + storage.Bytes;
        }
        return places;
    }

    private static Either<string, ByteSource> Bytes(
        SafeFileHandle file,
        Dictionary<string, long> places,
        Storage storage
    )
    {
        if (!places.TryGetValue(storage.Key, out var start))
            return $"its storage {storage.Key} is not in the file";
        return (ByteSource)((offset, into) => SafeTensors.Fill(file, start + offset, into));
    }
}
