using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>A storage that a pickle refers to: its elements stand elsewhere in the file.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Count">How many there are.</param>
internal sealed record Storage(string Key, ScalarType Type, long Count);

/// <summary>
/// The state dictionaries that PyTorch pickles: names and tensors, each tensor a view of a storage. A few names of
/// PyTorch are known and stand for data; any other is refused by the reader, and none is ever run.
/// </summary>
internal static class PyTorchState
{
    private static readonly PickleName tensor = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly PickleName oldTensor = new("torch._utils", "_rebuild_tensor");
    private static readonly PickleName parameter = new("torch._utils", "_rebuild_parameter");
    private static readonly PickleName storage = new("torch", "storage");

    private static readonly Many<(string Name, ScalarType Type)> types =
    [
        ("FloatStorage", ScalarType.Float32),
        ("DoubleStorage", ScalarType.Float64),
        ("HalfStorage", ScalarType.Float16),
        ("BFloat16Storage", ScalarType.BFloat16),
        ("LongStorage", ScalarType.Int64),
        ("IntStorage", ScalarType.Int32),
        ("ShortStorage", ScalarType.Int16),
        ("CharStorage", ScalarType.Int8),
        ("ByteStorage", ScalarType.Byte),
        ("BoolStorage", ScalarType.Bool),
    ];

    // What checkpoints put around a model's state, innermost last.
    private static readonly Many<string> wrappings = ["state_dict", "model_state_dict", "model"];

    /// <summary>What the reader of pickles may meet in a state dictionary.</summary>
    public static PickleOptions Options { get; } =
        types.Fold(
            PickleOptions
                .Data.Keep(tensor.Module, tensor.Name)
                .Keep(oldTensor.Module, oldTensor.Name)
                .Keep(parameter.Module, parameter.Name)
                .Allow("collections", "OrderedDict", PickleConstructors.OrderedDict)
                .Allow(
                    "torch",
                    "Size",
                    sizes =>
                        sizes.ToArray() is [PickleValue.Tuple tuple]
                            ? tuple
                            : Left(new PickleError("a size is made of one tuple"))
                ),
            (options, type) => options.Keep("torch", type.Name)
        ) with
        {
            Persistent = Some(PickleConstructors.Kept(storage)),
            // A state dictionary carries its modules' versions as an attribute; they say nothing about its tensors.
            State = Some<PickleConstructor>(parts =>
                parts[0] is PickleValue.Dict dictionary
                    ? dictionary
                    : Left(new PickleError("sets the state of an object that is no dictionary"))
            ),
        };

    /// <summary>The tensors of a state dictionary, or the first thing wrong with it.</summary>
    /// <param name="root">What the pickle says.</param>
    /// <param name="find">The bytes of a storage, or why there are none.</param>
    public static Either<string, Many<Stored>> Tensors(
        PickleValue root,
        Func<Storage, Either<string, ByteSource>> find
    ) =>
        Unwrapped(root, wrappings.Count)
            .Bind(state =>
                state
                    .Entries.Filter(entry => entry.Key is PickleValue.Text && IsTensor(entry.Value))
                    .Fold(
                        Right<string, List<Stored>>([]),
                        (all, entry) =>
                            all.Bind(list =>
                                View(((PickleValue.Text)entry.Key).Value, entry.Value, find)
                                    .Map(stored =>
                                    {
                                        list.Add(stored);
                                        return list;
                                    })
                            )
                    )
            )
            .Map(list => list.ToMany());

    private static bool IsTensor(PickleValue value) =>
        value is PickleValue.Made made
        && (made.Constructor == tensor || made.Constructor == oldTensor || made.Constructor == parameter);

    private static Either<string, PickleValue.Dict> Unwrapped(PickleValue value, int depth) =>
        value switch
        {
            PickleValue.Dict state when state.Entries.Exists(e => e.Key is PickleValue.Text && IsTensor(e.Value)) =>
                state,
            PickleValue.Dict { Entries.IsEmpty: true } empty => empty,
            PickleValue.Dict wrapped when depth > 0 && wrappings.Choose(wrapped.Find) is [PickleValue.Dict inner, ..] =>
                Unwrapped(inner, depth - 1),
            PickleValue.Dict other => "no state dictionary: it holds "
                + string.Join(
                    ", ",
                    other.Entries.Take(10).Map(e => e.Key is PickleValue.Text key ? key.Value : "a key that is no text")
                ),
            _ => "no state dictionary",
        };

    private static Either<string, Stored> View(
        string name,
        PickleValue value,
        Func<Storage, Either<string, ByteSource>> find
    ) =>
        value switch
        {
            PickleValue.Made made
                when made.Constructor == parameter
                    && made.Parts.HeadOrNone().Case is PickleValue inner
                    && IsTensor(inner)
                    && inner is PickleValue.Made within
                    && within.Constructor != parameter => View(name, inner, find),
            PickleValue.Made made
                when made.Parts.ToArray() is [PickleValue.Made stored, var offset, var sizes, var strides, ..]
                    && stored.Constructor == storage => from place in Place(name, stored)
            from first in Whole(offset).ToEither($"tensor {name} begins nowhere")
            from shape in Wholes(sizes).ToEither($"tensor {name} has no shape")
            from steps in Wholes(strides)
                .Filter(s => s.Count == shape.Count)
                .ToEither($"tensor {name} of {shape} has no strides to go with it")
            from _ in guard(
                Stored.Extent(shape, steps) is { } extent
                    && (extent == 0 || extent <= place.Storage.Count - place.Offset - first),
                $"tensor {name} {shape} reaches beyond its storage of {place.Storage.Count} elements"
            )
            from bytes in find(place.Storage).MapLeft(wrong => $"tensor {name}: {wrong}")
            select new Stored(new(name, place.Storage.Type, shape), steps, first + place.Offset, bytes),
            _ => $"tensor {name} is not made of a storage, an offset, a size and strides",
        };

    /// <summary>
    /// The storage that a persistent id names, and how many of its elements stand before the stretch that is meant.
    /// </summary>
    public static Option<(Storage Storage, long Offset)> StorageOf(PickleValue id) =>
        id is PickleValue.Tuple tuple
        && tuple.Items.ToArray()
            is [
                PickleValue.Text { Value: "storage" },
                PickleValue.Global type,
                PickleValue.Text key,
                _,
                var count,
                .. var view,
            ]
        && types.Find(t => type.Name == new PickleName("torch", t.Name)).Case is (string, ScalarType of)
            ? from elements in Whole(count)
            from offset in ViewOffset(view)
            select (new Storage(key.Value, of, elements), offset)
            : None;

    private static Either<string, (Storage Storage, long Offset)> Place(string name, PickleValue.Made stored) =>
        stored.Parts.HeadOrNone().Bind(StorageOf).ToEither($"tensor {name} has no storage of numbers that are read");

    // Files before PyTorch 0.4 say here which stretch of the storage is meant.
    private static Option<long> ViewOffset(PickleValue[] view) =>
        view switch
        {
            [] or [PickleValue.None] => 0L,
            [PickleValue.Tuple of] when of.Items.Count == 3 => Whole(of.Items[1]),
            _ => None,
        };

    private static Option<long> Whole(PickleValue value) =>
        value is PickleValue.Int whole && whole.Value >= 0 && whole.Value <= long.MaxValue / 16
            ? (long)whole.Value
            : None;

    private static Option<Many<long>> Wholes(PickleValue value) =>
        value is PickleValue.Tuple tuple && tuple.Items.Map(Whole).ToArray() is var sizes && sizes.All(s => s.IsSome)
            ? sizes.Select(s => s.IfNone(0)).ToMany()
            : None;
}
