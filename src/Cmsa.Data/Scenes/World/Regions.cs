using System.Numerics;

namespace Cmsa.Data;

/// <summary>
/// A set of the parts of a scene: things, by their place in <see cref="Scene.Things"/>, and bands of its backdrop.
/// </summary>
/// <param name="Bits">Bit i is thing i, bit <see cref="Most"/> + b is band b.</param>
public readonly record struct Regions(uint Bits)
{
    /// <summary>The most things a scene can have.</summary>
    public const int Most = 16;

    /// <summary>No part at all.</summary>
    public static Regions None => default;

    /// <summary>The first <paramref name="count"/> things.</summary>
    public static Regions Things(int count) => new((1u << count) - 1);

    /// <summary>One thing.</summary>
    public static Regions Thing(int index) => new(1u << index);

    /// <summary>One band of the backdrop.</summary>
    public static Regions Band(int index) => new(1u << (Most + index));

    /// <summary>How many parts it holds.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>
    /// Whether it holds part number <paramref name="part"/>: a thing's index, or <see cref="Most"/> and a band's.
    /// </summary>
    public bool Has(int part) => ((Bits >> part) & 1) != 0;

    /// <summary>Whether the two have a part in common.</summary>
    public bool Meets(Regions other) => (Bits & other.Bits) != 0;

    /// <summary>The number of its first part; 32 where it has none.</summary>
    public int First => BitOperations.TrailingZeroCount(Bits);

    /// <summary>The numbers of its parts, ascending.</summary>
    public IEnumerable<int> Parts
    {
        get
        {
            for (var rest = Bits; rest != 0; rest &= rest - 1)
                yield return BitOperations.TrailingZeroCount(rest);
        }
    }

    /// <summary>What is in both.</summary>
    public static Regions operator &(Regions a, Regions b) => new(a.Bits & b.Bits);

    /// <summary>What is in either.</summary>
    public static Regions operator |(Regions a, Regions b) => new(a.Bits | b.Bits);

    /// <summary>What is in the first and not in the second.</summary>
    public static Regions operator -(Regions a, Regions b) => new(a.Bits & ~b.Bits);
}
