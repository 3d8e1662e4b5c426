using System.Numerics;

namespace Cmsa.Data.Scenes.World;

/// <summary>
/// A set of parts of a scene: things, by their index in <see cref="Scene.Things"/>, and bands of its backdrop.
/// </summary>
/// <param name="Bits">Bit i is thing i, bit <see cref="Most"/> + b is band b.</param>
internal readonly record struct SceneParts(uint Bits)
{
    /// <summary>The most things a scene can have.</summary>
    public const int Most = 16;

    /// <summary>No part.</summary>
    public static SceneParts None => default;

    /// <summary>The first <paramref name="count"/> things.</summary>
    public static SceneParts Things(int count) => new((1u << count) - 1);

    /// <summary>One thing.</summary>
    public static SceneParts Thing(int index) => new(1u << index);

    /// <summary>One band of the backdrop.</summary>
    public static SceneParts Band(int index) => new(1u << (Most + index));

    /// <summary>How many parts it has.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>
    /// Whether it has this part: the index of a thing, or <see cref="Most"/> plus the index of a band.
    /// </summary>
    public bool Has(int part) => ((Bits >> part) & 1) != 0;

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

    /// <summary>The parts in both.</summary>
    public static SceneParts operator &(SceneParts a, SceneParts b) => new(a.Bits & b.Bits);

    /// <summary>The parts in either.</summary>
    public static SceneParts operator |(SceneParts a, SceneParts b) => new(a.Bits | b.Bits);

    /// <summary>The parts in the first and not in the second.</summary>
    public static SceneParts operator -(SceneParts a, SceneParts b) => new(a.Bits & ~b.Bits);
}
