using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Fuzzing;

/// <summary>
/// Files changed at random, for tests that a reader reads or refuses whatever comes. For a long run set how many files:
/// <c>FUZZ_COUNT=1000000 dotnet test --filter FuzzTests</c>, or for a time <c>./fuzz.sh MINUTES</c>; a failure prints
/// the file in Base64 and the seed.
/// </summary>
internal static class Fuzz
{
    private static readonly string? asked = Environment.GetEnvironmentVariable("FUZZ_COUNT");

    /// <summary>Checks a property of files that were valid before one to six changes.</summary>
    /// <param name="valid">Valid files.</param>
    /// <param name="inserted">The bytes that are put in.</param>
    /// <param name="usual">How many files are tried where nobody asks for another number.</param>
    /// <param name="check">Throws where the file was not taken as it must be.</param>
    public static void Check(Gen<byte[]> valid, Gen<byte> inserted, int usual, Action<byte[]> check) =>
        Prop.ForAll(Mutants(valid, inserted).ToArbitrary(), mutant => check(mutant.Bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Count(usual)));

    /// <summary>Any byte.</summary>
    public static Gen<byte> AnyByte { get; } = Gen.Choose(0, 255).Select(b => (byte)b);

    private static int Count(int usual) =>
        asked is null ? usual : int.Parse(asked, NumberStyles.None, CultureInfo.InvariantCulture);

    private static Gen<Mutant> Mutants(Gen<byte[]> valid, Gen<byte> inserted) =>
        from file in valid
        from count in Gen.Choose(1, 6)
        from changes in Gen.ArrayOf(Change(inserted), count)
        select new Mutant(changes.Aggregate(file, (bytes, change) => change(bytes)));

    private static Gen<Func<byte[], byte[]>> Change(Gen<byte> inserted) =>
        from kind in Gen.Choose(0, 5)
        from place in Gen.Choose(0, int.MaxValue - 1)
        from length in Gen.Choose(1, 8)
        from put in inserted
        from times in Gen.Choose(1, 200)
        select (Func<byte[], byte[]>)(
            bytes =>
            {
                var at = place % (bytes.Length + 1);
                var end = Math.Min(bytes.Length, at + length);
                return kind switch
                {
                    0 => [.. bytes[..at], put, .. bytes[Math.Min(bytes.Length, at + 1)..]],
                    1 => [.. bytes[..at], put, .. bytes[end..]],
                    2 => [.. bytes[..at], .. bytes[end..]],
                    3 =>
                    [
                        .. bytes[..at],
                        .. Enumerable.Repeat(bytes[at..end], times).SelectMany(b => b),
                        .. bytes[end..],
                    ],
                    4 => [.. bytes[..at], .. Enumerable.Repeat(put, times), .. bytes[at..]],
                    _ => bytes[..at],
                };
            }
        );

    /// <summary>A changed file, printed as it is pasted into a test.</summary>
    private sealed record Mutant(byte[] Bytes)
    {
        public override string ToString() => Convert.ToBase64String(Bytes);
    }
}
