using System.Buffers.Binary;
using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>
/// NumPy's scalars: <c>numpy.core.multiarray.scalar(dtype, bytes)</c>, which people's scripts leave among plain
/// numbers.
/// </summary>
internal static class NumPy
{
    private static readonly PickleName dtype = new("numpy", "dtype");

    /// <summary>A plain number or truth value; a scalar of another type is kept as data.</summary>
    public static Either<Error, PickleValue> Scalar(PickleValue callable, Many<PickleValue> arguments, Budget budget)
    {
        budget.Pay(8 * Budget.Small);
        var kept = new PickleValue.Made(callable, arguments);
        if (
            arguments is not [PickleValue.Made type, var content]
            || type.Name != Some(dtype)
            || Raw(content) is not { } raw
        )
            return kept;
        if (
            type.Arguments is not [PickleValue.Text code, ..]
            || code.Value.Length != 2
            || raw.Length != code.Value[1] - '0'
        )
            return kept;
        Span<byte> little = stackalloc byte[raw.Length];
        raw.CopyTo(little);
        if (IsBig(type))
            little.Reverse();
        return Number(code.Value, little) ?? kept;
    }

    private static PickleValue? Number(string code, ReadOnlySpan<byte> little) =>
        code switch
        {
            "b1" => new PickleValue.Bool(little[0] != 0),
            "i1" or "i2" or "i4" or "i8" => new PickleValue.Int(new System.Numerics.BigInteger(little)),
            "u1" or "u2" or "u4" or "u8" => new PickleValue.Int(
                new System.Numerics.BigInteger(little, isUnsigned: true)
            ),
            "f2" => new PickleValue.Float((double)BinaryPrimitives.ReadHalfLittleEndian(little)),
            "f4" => new PickleValue.Float(BinaryPrimitives.ReadSingleLittleEndian(little)),
            "f8" => new PickleValue.Float(BinaryPrimitives.ReadDoubleLittleEndian(little)),
            _ => null,
        };

    // The state of a dtype is (version, byte order, ...).
    private static bool IsBig(PickleValue.Made type) =>
        type.State is PickleValue.Tuple { Items: [_, PickleValue.Text { Value: ">" }, ..] };

    // Python 2's bytes are text where they happen to be UTF-8.
    private static byte[]? Raw(PickleValue content) =>
        content switch
        {
            PickleValue.Bytes { Value.Length: <= 8 } bytes => bytes.Value.ToArray(),
            PickleValue.Text { Value.Length: <= 8 } text => Encoding.UTF8.GetBytes(text.Value),
            _ => null,
        };
}
