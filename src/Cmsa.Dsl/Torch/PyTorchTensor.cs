using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Tensors as PyTorch pickles them: a call of one of its functions with a storage, an offset, sizes and strides. The
/// calls are data; none is ever run.
/// </summary>
internal static class PyTorchTensor
{
    private static readonly Many<PickleName> plain =
    [
        new("torch._utils", "_rebuild_tensor_v2"),
        new("torch._utils", "_rebuild_tensor"),
    ];

    private static readonly Many<PickleName> parameters =
    [
        new("torch._utils", "_rebuild_parameter"),
        new("torch._utils", "_rebuild_parameter_with_state"),
    ];

    private static readonly PickleName subclass = new("torch._tensor", "_rebuild_from_type_v2");

    /// <summary>Whether a value is a tensor of any kind, read or not.</summary>
    public static bool Is(PickleValue value) => value is PickleValue.Made made && made.Name.Exists(IsTensor);

    /// <summary>The lengths of a tensor's axes; none where its call does not begin as most do.</summary>
    public static Option<Many<long>> Sizes(PickleValue value) =>
        Plain(value).Arguments is [_, _, var sizes, ..] ? Wholes(sizes) : None;

    /// <summary>The storage that a tensor is a part of, if any.</summary>
    public static Option<Storage> StorageOf(PickleValue value) =>
        Plain(value).Arguments is [var storage, ..] ? Storage.Of(storage).Map(s => s.Storage) : None;

    /// <summary>A tensor of a state dictionary, read or not; an error where it does not hold together.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">What the pickle holds for it.</param>
    /// <param name="stored">The bytes of the file.</param>
    /// <param name="find">The bytes of a storage, or why there are none.</param>
    public static Either<string, Listed> Of(
        string name,
        PickleValue value,
        long stored,
        Func<Storage, Either<string, ByteSource>> find
    )
    {
        var made = Plain(value);
        var sizes = Sizes(value).IfNone([]);
        if (!made.Name.Exists(plain.Contains))
            return Listed.Not(
                name,
                sizes,
                $"it is made by {made.Name.Map(n => $"{n}").IfNone("a call")}, which is not read"
            );
        if (made.Arguments is not [var source, var first, _, var strides, ..])
            return $"tensor {name} is not made of a storage, an offset, sizes and strides";
        return from place in Storage.Of(source).ToEither($"tensor {name} has no storage")
               from offset in Storage.Whole(first).ToEither($"tensor {name} has no offset")
               from shape in Sizes(value).ToEither($"tensor {name} has no sizes")
               from steps in Wholes(strides)
                   .Filter(s => s.Count == shape.Count)
                   .ToEither($"tensor {name} of {shape} has other strides")
               from _ in Fits(name, shape, steps, offset + place.Offset, place.Storage.Count)
               from listed in place.Storage.Type.Elements.Match(
                   Some: type =>
                       from bytes in find(place.Storage).MapLeft(wrong => $"tensor {name}: {wrong}")
                       select Listed.Of(name, new Stored(type, shape, steps, offset + place.Offset, bytes), stored),
                   None: () => Listed.Not(name, shape, StoredTypes.Unread(place.Storage.Type.Name, StorageType.Readable))
               )
               select listed;
    }

    // A tensor, without the calls around it that make a parameter or a subclass of it.
    private static PickleValue.Made Plain(PickleValue value)
    {
        var made = (PickleValue.Made)value;
        while (true)
        {
            if (made.Name.Exists(parameters.Contains) && made.Arguments is [PickleValue.Made within, ..] && Is(within))
                made = within;
            else if (
                made.Name == Some(subclass)
                && made.Arguments is [var function, _, PickleValue.Tuple arguments, ..]
            )
                made = new PickleValue.Made(function, arguments.Items);
            else
                return made;
        }
    }

    private static bool IsTensor(PickleName name) =>
        name.Module is "torch._utils" or "torch._tensor" && name.Name.StartsWith("_rebuild_", StringComparison.Ordinal);

    private static Either<string, Unit> Fits(string name, Many<long> sizes, Many<long> strides, long offset, long count)
    {
        var extent = Stored.Extent(sizes, strides);
        return extent == 0 || extent <= count - offset
            ? unit
            : $"tensor {name} {sizes} reaches beyond its storage of {count} elements";
    }

    private static Option<Many<long>> Wholes(PickleValue value)
    {
        // Before PyTorch 0.4 sizes are a torch.Size, which is a tuple too.
        if (value is PickleValue.Made { Arguments: [var inner] })
            return Wholes(inner);
        if (value is not PickleValue.Tuple tuple)
            return None;
        var numbers = tuple.Items.Choose(Storage.Whole);
        return numbers.Count == tuple.Items.Count ? numbers : None;
    }
}
