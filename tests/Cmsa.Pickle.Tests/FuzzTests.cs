using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Pickle.Tests;

/// <summary>
/// Mutated pickles are read or refused, never an exception, within the bound on memory. For a long run set how many:
/// <c>FUZZ_COUNT=1000000 dotnet test --filter FuzzTests</c>; a failure prints the pickle in Base64 and the seed.
/// </summary>
public class FuzzTests
{
    private const int Usual = 500;

    private static int Count =>
        int.TryParse(
            Environment.GetEnvironmentVariable("FUZZ_COUNT"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var count
        )
            ? count
            : Usual;

    [Fact]
    public void Any_mutated_pickle_is_read_or_refused_within_the_bound() =>
        Prop.ForAll(Mutated.Any(), mutant => BoundsTests.IsBounded(mutant.Bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Count));
}

/// <summary>A pickle that a mutation has changed.</summary>
/// <param name="Bytes">The pickle.</param>
public sealed record Mutant(byte[] Bytes)
{
    /// <summary>The pickle as it is pasted into a test.</summary>
    public override string ToString() => Convert.ToBase64String(Bytes);
}

/// <summary>
/// Valid pickles, changed: bytes replaced, removed, repeated, and instructions put in.
/// </summary>
public static class Mutated
{
    private static readonly byte[] instructions =
    [
        .. Enumerable.Range(0, 256).Select(i => (byte)i).Where(i => Opcodes.Name(i).Length > 0),
    ];

    public static Arbitrary<Mutant> Any() => Generator.ToArbitrary();

    /// <summary>A valid pickle with up to six changes.</summary>
    public static Gen<Mutant> Generator { get; } =
        from valid in Gen.OneOf(Written, Gen.Elements(ByPython))
        from count in Gen.Choose(1, 6)
        from changes in Gen.ArrayOf(Change, count)
        select new Mutant(changes.Aggregate(valid, (bytes, change) => change(bytes)));

    private static Gen<byte[]> Written =>
        from value in Values.Any().Generator
        from style in Gen.Elements(Enum.GetValues<Encoder.Style>())
        select Encoder.Encode(value, style);

    // Python's own, with objects and calls, and a tensor as PyTorch pickles one.
    private static byte[][] ByPython =>
        [
            .. GoldenTests
                .Fixtures("plain")
                .Concat(GoldenTests.Fixtures("refused"))
                .Select(f => Convert.FromBase64String((string)f[2]))
                .Where(pickle => pickle.Length < 1000),
            Say.Raw(
                "\u0080\u0002}q\0X\u0001\0\0\0wq\u0001ctorch._utils\n_rebuild_tensor_v2\nq\u0002("
                    + "(X\u0007\0\0\0storageq\u0003ctorch\nFloatStorage\n"
                    + "q\u0004X\u0001\0\0\00q\u0005X\u0003\0\0\0cpuq\u0006K\u0002tq\u0007Q"
                    + "K\0K\u0002\u0085K\u0001\u0085\u0089ccollections\nOrderedDict\n)RtRs0cm\nC\n)\u0081}X\u0001\0\0\0vh\0sb."
            ),
        ];

    private static Gen<Func<byte[], byte[]>> Change =>
        from kind in Gen.Choose(0, 4)
        from place in Gen.Choose(0, int.MaxValue - 1)
        from length in Gen.Choose(1, 8)
        from code in Gen.Elements(instructions)
        from times in Gen.Choose(1, 200)
        select (Func<byte[], byte[]>)(
            bytes =>
            {
                var at = place % (bytes.Length + 1);
                var end = Math.Min(bytes.Length, at + length);
                return kind switch
                {
                    0 => [.. bytes[..at], code, .. bytes[end..]],
                    1 => [.. bytes[..at], .. bytes[end..]],
                    2 =>
                    [
                        .. bytes[..at],
                        .. Enumerable.Repeat(bytes[at..end], times).SelectMany(b => b),
                        .. bytes[end..],
                    ],
                    3 => [.. bytes[..at], .. Enumerable.Repeat(code, times), .. bytes[at..]],
                    _ => [.. bytes[..at], (byte)place, .. bytes[at..]],
                };
            }
        );
}
