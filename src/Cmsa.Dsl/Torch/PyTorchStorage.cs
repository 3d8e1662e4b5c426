using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>The type of a PyTorch storage.</summary>
/// <param name="Name">Its class in Python: <c>FloatStorage</c>.</param>
/// <param name="Size">The bytes of an element; 0 where that is not known.</param>
/// <param name="Elements">The type of its elements; none where they are not read.</param>
internal sealed record StorageType(string Name, int Size, Option<ScalarType> Elements)
{
    private static readonly Many<StorageType> all =
    [
        .. new (string Name, ScalarType Elements)[]
        {
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
        }.Select(t => new StorageType(t.Name, StoredTypes.SizeOf(t.Elements), t.Elements)),
        new("ComplexFloatStorage", 8, None),
        new("ComplexDoubleStorage", 16, None),
        new("QInt8Storage", 1, None),
        new("QUInt8Storage", 1, None),
        new("QInt32Storage", 4, None),
        new("UntypedStorage", 1, None),
    ];

    /// <summary>The types that are read, as PyTorch names them.</summary>
    public static Many<string> Readable => all.Filter(t => t.Elements.IsSome).Map(t => t.Name);

    /// <summary>The type that a class of Python means.</summary>
    public static StorageType Of(PickleName name) =>
        all.Find(t => t.Name == name.Name).IfNone(new StorageType(name.Name, 0, None));
}

/// <summary>A storage that a pickle refers to: its elements are elsewhere in the file.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Count">How many elements there are.</param>
internal sealed record Storage(string Key, StorageType Type, long Count)
{
    /// <summary>How many bytes there are; meaningless where the size of an element is not known.</summary>
    public long Bytes => Count * Type.Size;

    /// <summary>The storage that an id names, and how many of its elements are before the part that is meant.</summary>
    public static Option<(Storage Storage, long Offset)> Of(PickleValue value)
    {
        if (value is not PickleValue.Outside { Id: PickleValue.Tuple id })
            return None;
        if (
            id.Items
                is not [
                    PickleValue.Text { Value: "storage" },
                    PickleValue.Global type,
                    var name,
                    _,
                    var count,
                    .. var view,
                ]
            || name is not PickleValue.Text key
        )
            return None;
        return from elements in Whole(count)
               from offset in ViewOffset(view)
               select (new Storage(key.Value, StorageType.Of(type.Name), elements), offset);
    }

    /// <summary>A whole number that can be a length, an offset or a stride.</summary>
    public static Option<long> Whole(PickleValue value) =>
        value is PickleValue.Int whole && whole.Value >= 0 && whole.Value <= long.MaxValue / 32
            ? (long)whole.Value
            : None;

    // Files before PyTorch 0.4 say here which part of the storage is meant: its key, its offset, its length.
    private static Option<long> ViewOffset(Many<PickleValue> view) =>
        view switch
        {
            [] or [PickleValue.None] => 0L,
            [PickleValue.Tuple { Items: [_, var offset, _] }] => Whole(offset),
            _ => None,
        };
}
