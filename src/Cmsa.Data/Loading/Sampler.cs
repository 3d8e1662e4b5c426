namespace Cmsa.Data.Loading;

/// <summary>
/// Chooses the sample of each training step: an endless sequence of epochs, each of which visits every sample once. The
/// choice is a pure function of the seed and the step, in constant time and memory, so training can resume at any step.
/// </summary>
/// <param name="Count">How many samples there are.</param>
/// <param name="Seed">Shuffles every epoch; without a seed the samples come in their own order.</param>
public sealed record Sampler(int Count, ulong? Seed = null) : ISampler
{
    /// <inheritdoc/>
    public int At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Count);
        var (epoch, place) = Math.DivRem(step, Count);
        return Seed is { } seed ? Shuffled((ulong)place, Mix(seed ^ Mix((ulong)epoch + 1))) : (int)place;
    }

    // A Feistel network permutes 2^(2 half) numbers, whatever its rounds are. Repeating it until the number is below
    // Count permutes Count numbers, in fewer than four tries on average.
    private int Shuffled(ulong place, ulong key)
    {
        var half = 1;
        while (1UL << (2 * half) < (ulong)Count)
            half++;
        var low = (1UL << half) - 1;
        do
        {
            var (left, right) = (place >> half, place & low);
            for (var round = 0UL; round < 6; round++)
                (left, right) = (right, left ^ (Mix(key + round * 0x9e3779b97f4a7c15 + right) >> 20 & low));
            place = left << half | right;
        } while (place >= (ulong)Count);
        return (int)place;
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
