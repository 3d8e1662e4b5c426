namespace Cmsa.Dsl.Testing.Generators;

/// <summary>Choices between generators that are made only when chosen, since a layer is made of layers.</summary>
internal static class Choice
{
    public static Gen<T> Of<T>(params Func<Gen<T>>[] alternatives) =>
        from i in Gen.Choose(0, alternatives.Length - 1)
        from chosen in alternatives[i]()
        select chosen;

    /// <summary>The first alternatives alone where the depth is spent: they need none.</summary>
    public static Gen<T> Of<T>(int depth, Func<Gen<T>>[] leaves, Func<Gen<T>>[] branches) =>
        depth <= 0
            ? Of(leaves)
            : from branch in Gen.Choose(0, 1)
              from chosen in branch == 0 ? Of(leaves) : Of(branches)
              select chosen;

    public static Gen<int> Divisor(params int[] numbers) =>
        Gen.Elements(Enumerable.Range(1, numbers.Min()).Where(d => numbers.All(n => n % d == 0)).ToArray());

    public static Gen<bool> Coin { get; } = Gen.Elements(false, true);

    /// <summary>
    /// A name that hardly any other layer gets: what has one name and is not equal does not fit together.
    /// </summary>
    public static Gen<string> Label { get; } =
        from name in Gen.Elements("a", "b", "fuse", "reduce", "conv", "conv_2", "norm")
        from number in Gen.Choose(0, 1_000_000)
        select $"{name}_{number}";
}
