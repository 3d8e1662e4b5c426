namespace Cmsa.Data.Scenes.World;

/// <summary>
/// A splittable random generator as a value: it has one random number, and a branch for every integer, which is a
/// generator itself. Every number can be computed directly, in any order. The mixing is SplitMix64's (Steele, Lea,
/// Flood, OOPSLA 2014).
/// </summary>
/// <param name="Key">Its position in the tree of branches.</param>
internal readonly record struct SplitMix(ulong Key)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>The generator at the end of a path of names.</summary>
    public static SplitMix At(int seed, params ReadOnlySpan<string> names)
    {
        var key = Mix(Golden + (uint)seed);
        foreach (var name in names)
            key = Mix(key ^ Hash(name));
        return new(key);
    }

    /// <summary>Branch number <paramref name="branch"/>.</summary>
    public SplitMix this[int branch] => new(Mix(Key + Golden * ((uint)branch + 1UL)));

    /// <summary>Its 64 random bits.</summary>
    public ulong Bits => Mix(Key ^ 0xD1B54A32D192ED03);

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Below(int bound) => (int)(((Bits >> 32) * (ulong)bound) >> 32);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>One of the items.</summary>
    public T Pick<T>(Many<T> items) => items[Below(items.Count)];

    /// <summary>The items in a random order.</summary>
    public T[] Shuffle<T>(IEnumerable<T> items)
    {
        var all = items.ToArray();
        var root = this;
        var keys = Enumerable.Range(0, all.Length).Select(i => root[i].Bits).ToArray();
        Array.Sort(keys, all);
        return all;
    }

    /// <summary>
    /// SplitMix64's finaliser: a bijection of 64-bit numbers in which every input bit affects every output bit.
    /// </summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Hash(string name) =>
        name.Aggregate(14695981039346656037UL, (hash, c) => (hash ^ c) * 1099511628211UL);
}
