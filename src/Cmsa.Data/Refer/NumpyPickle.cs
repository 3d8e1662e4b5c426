using System.Buffers.Binary;
using System.Text;
using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Refer;

/// <summary>
/// Numpy's numbers and arrays in a pickle, as data: numbers are read, arrays are kept and not looked into.
/// </summary>
/// <remarks>
/// A number is <c>scalar(dtype, bytes)</c>. A dtype is <c>dtype("i8", False, True)</c> with the state
/// <c>(3, "&lt;", ...)</c>, whose second part is the order of bytes.
/// </remarks>
internal static class NumpyPickle
{
    private const string Dtype = "dtype",
        Scalar = "scalar";

    /// <summary>Plain data, and numpy's.</summary>
    public static PickleOptions Options { get; } = Allowed();

    /// <summary>The whole number that a numpy scalar is; none where it is something else.</summary>
    public static Option<long> Whole(PickleValue value)
    {
        var isScalar = value is PickleValue.Made { Constructor.Name: Scalar, Parts.Count: 2 };
        if (!isScalar || value is not PickleValue.Made scalar || scalar.Parts[0] is not PickleValue.Made dtype)
            return None;
        var bytes = Bytes(scalar.Parts[1]);
        if (IsBigEndian(dtype))
            bytes.AsSpan().Reverse();
        return dtype.Parts.HeadOrNone().Bind(PlainFields.Text).Bind(kind => Number(kind, bytes));
    }

    private static PickleOptions Allowed()
    {
        var options = PickleOptions.Data.Keep("numpy", Dtype).Keep("numpy", "ndarray");
        foreach (var module in new[] { "numpy.core.multiarray", "numpy._core.multiarray" })
            options = options.Keep(module, Scalar).Keep(module, "_reconstruct");
        return options with { State = Some<PickleConstructor>(WithState) };
    }

    // The state becomes one part more of what it is set on.
    private static Either<PickleError, PickleValue> WithState(Seq<PickleValue> arguments) =>
        arguments[0] is PickleValue.Made made
            ? made with
            {
                Parts = made.Parts.Add(arguments[1]),
            }
            : new PickleError("state is set on something that is not numpy's");

    private static bool IsBigEndian(PickleValue.Made dtype) =>
        dtype.Parts.LastOrNone().Case is PickleValue.Tuple { Items.Count: > 1 } state
        && PlainFields.Text(state.Items[1]) == ">";

    // Python 2 writes bytes as a string, which the reader takes for text where it is UTF-8.
    private static byte[] Bytes(PickleValue value) =>
        value switch
        {
            PickleValue.Bytes bytes => bytes.Value.ToArray(),
            PickleValue.Text text => Encoding.UTF8.GetBytes(text.Value),
            _ => [],
        };

    private static Option<long> Number(string kind, byte[] little) =>
        (kind, little.Length) switch
        {
            ("i1", 1) => (sbyte)little[0],
            ("u1", 1) => little[0],
            ("i2", 2) => BinaryPrimitives.ReadInt16LittleEndian(little),
            ("u2", 2) => BinaryPrimitives.ReadUInt16LittleEndian(little),
            ("i4", 4) => BinaryPrimitives.ReadInt32LittleEndian(little),
            ("u4", 4) => BinaryPrimitives.ReadUInt32LittleEndian(little),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(little),
            ("u8", 8) when BinaryPrimitives.ReadInt64LittleEndian(little) is >= 0 and var number => number,
            ("f4", 4) => Coco.JsonFields.Whole(BinaryPrimitives.ReadSingleLittleEndian(little)),
            ("f8", 8) => Coco.JsonFields.Whole(BinaryPrimitives.ReadDoubleLittleEndian(little)),
            _ => None,
        };
}
