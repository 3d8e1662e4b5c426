using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Pickle.Tests;

/// <summary>Random data, as a pickle can say it.</summary>
public static class Values
{
    public static Arbitrary<PickleValue> Any() => Gen.Sized(size => Of(Math.Min(size, 12))).ToArbitrary();

    private static Gen<PickleValue> Of(int size) =>
        size <= 1
            ? Leaf
            : Gen.OneOf(
                Leaf,
                Items(Of(size / 2)).Select(Say.List),
                Items(Of(size / 2)).Select(Say.Tuple),
                Items(Leaf).Select(Say.Set),
                Items(Leaf)
                    .SelectMany(
                        keys => Gen.ArrayOf(Of(size / 2), keys.Length),
                        (keys, values) => Say.Dict([.. keys.Zip(values).DistinctBy(e => e.Item1)])
                    )
            );

    private static Gen<PickleValue[]> Items(Gen<PickleValue> item) =>
        Gen.Choose(0, 6).SelectMany(n => Gen.ArrayOf(item, n));

    private static Gen<PickleValue> Leaf { get; } =
        Gen.OneOf(
            Gen.Constant(Say.Nothing),
            ArbMap.Default.GeneratorFor<bool>().Select(Say.Bool),
            ArbMap.Default.GeneratorFor<BigInteger>().Select(Say.Int),
            ArbMap.Default.GeneratorFor<long>().Select(i => Say.Int(BigInteger.Pow(i, 5))),
            ArbMap.Default.GeneratorFor<double>().Select(Say.Float),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => Say.Text(WellFormed(s.Get))),
            ArbMap.Default.GeneratorFor<byte[]>().Select(b => Say.Bytes(b))
        );

    // A lone surrogate is not text: the plain encoder would change it.
    private static string WellFormed(string text) =>
        string.Concat(text.Where(c => !char.IsSurrogate(c))) + (text.Length % 3 == 0 ? "é€😀\\u0041" : "");
}
