using System.Buffers.Binary;
using Cmsa.Pickle;
using LanguageExt;
using Microsoft.Win32.SafeHandles;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The .pth files of PyTorch before 1.6: five pickles (a magic number, the protocol, the machine, the state dictionary,
/// the storages' keys), then each storage: its count of elements (8 bytes, little-endian) and the elements.
/// </summary>
internal static class PyTorchLegacy
{
    // The pickles stand at the beginning and are small beside the storages: this much is tried first.
    private const int FirstTry = 1 << 20;
    private const int LastTry = 256 << 20;

    /// <summary>The first pickle: the number 0x1950a86a20f9469cfc6c.</summary>
    public static ReadOnlySpan<byte> Magic =>
        [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    public static Either<Error, WeightsFile> Read(string path) =>
        Weights
            .Guarded(path, () => File.OpenHandle(path, options: FileOptions.SequentialScan))
            .Bind(file =>
            {
                var read = Weights
                    .Guarded(path, () => Tensors(file, FirstTry))
                    .Bind(found => found.MapLeft(wrong => new Error(wrong, path)))
                    .Map(tensors => new WeightsFile(path, tensors, default, file));
                if (read.IsLeft)
                    file.Dispose();
                return read;
            });

    private static Either<string, Many<Stored>> Tensors(SafeFileHandle file, int window)
    {
        var length = RandomAccess.GetLength(file);
        var bytes = new byte[Math.Min(length, window)];
        SafeTensors.Fill(file, 0, bytes);
        // Where a storage begins follows from the sizes of all before it, of those too that belong to an optimiser and
        // not to the model.
        var storages = new Dictionary<string, Storage>();
        var noting = PyTorchState.Options with
        {
            Persistent = PyTorchState.Options.Persistent.Map<PickleConstructor>(kept =>
                id =>
                {
                    id.HeadOrNone()
                        .Bind(PyTorchState.StorageOf)
                        .IfSome(found => storages[found.Storage.Key] = found.Storage);
                    return kept(id);
                }
            ),
        };
        var pickles =
            from magic in PickleReader.ReadFirst(bytes, PickleOptions.Data)
            from protocol in Next(magic.Length)
            from machine in Next(protocol.Length)
            from state in Next(machine.Length, noting)
            from keys in Next(state.Length)
            select (Machine: machine.Value, State: state.Value, Keys: keys.Value, keys.Length);
        return pickles.IsLeft && bytes.Length < length && window < LastTry && !Refused(pickles)
            ? Tensors(file, window * 4)
            : pickles
                .MapLeft(wrong => $"{wrong}")
                .Bind(read =>
                    read.Machine is PickleValue.Dict machine
                    && machine.Find("little_endian").Case is PickleValue.Bool { Value: false }
                        ? "saved on a big-endian machine, which is not read"
                        : Placed(file, length, storages, read.Keys, read.Length)
                            .Bind(places =>
                                PyTorchState.Tensors(read.State, storage => Bytes(file, places, storages, storage))
                            )
                );

        Either<PickleError, (PickleValue Value, int Length)> Next(int at, PickleOptions? options = null) =>
            PickleReader
                .ReadFirst(bytes.AsMemory(at), options ?? PickleOptions.Data)
                .BiMap(next => (next.Value, at + next.Length), wrong => wrong with { Offset = at + wrong.Offset });
    }

    // More bytes make no refused name welcome.
    private static bool Refused<T>(Either<PickleError, T> read) =>
        read.LeftToSeq().Exists(wrong => wrong.Subject.Length > 0);

    private static Either<string, ByteSource> Bytes(
        SafeFileHandle file,
        Dictionary<string, long> places,
        Dictionary<string, Storage> storages,
        Storage storage
    ) =>
        !places.TryGetValue(storage.Key, out var start) ? $"its storage {storage.Key} is not in the file"
        : storages[storage.Key] != storage ? $"its storage {storage.Key} is said to be of two sizes"
        : (ByteSource)((offset, into) => SafeTensors.Fill(file, start + offset, into));

    /// <summary>Where each storage begins, or why that cannot be said.</summary>
    private static Either<string, Dictionary<string, long>> Placed(
        SafeFileHandle file,
        long length,
        Dictionary<string, Storage> storages,
        PickleValue keys,
        long start
    )
    {
        var places = new Dictionary<string, long>();
        var at = start;
        foreach (var key in keys is PickleValue.List list ? list.Items : Seq<PickleValue>())
        {
            if (key is not PickleValue.Text name || !storages.TryGetValue(name.Value, out var storage))
                return "a storage of which the pickle says nothing";
            var size = storage.Count * StoredTypes.SizeOf(storage.Type);
            if (size > length - at - 8)
                return $"the file ends before it is complete: storage {storage.Key} of {size} bytes where {Math.Max(0, length - at - 8)} are left";
            var count = new byte[8];
            SafeTensors.Fill(file, at, count);
            if (BinaryPrimitives.ReadInt64LittleEndian(count) is var found && found != storage.Count)
                return $"storage {storage.Key} has {found} elements, not {storage.Count}";
            places[storage.Key] = at + 8;
            at += 8 + size;
        }
        return places;
    }
}
