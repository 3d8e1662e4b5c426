namespace Cmsa.Data.Loading;

/// <summary>
/// Chooses samples so that several expressions of one picture follow one another: an endless sequence of epochs, each
/// of which visits every picture, and with it each of its samples, in groups of one size. A picture whose samples do
/// not fill its last group repeats some of them there. The choice is a pure function of the seed and the step.
/// </summary>
public sealed class PictureSampler : ISampler
{
    private readonly Many<Many<int>> pictures;
    private readonly (int Picture, int Group)[] groups;
    private readonly ulong seed;

    private PictureSampler(Many<Many<int>> pictures, int expressions, ulong seed)
    {
        (this.pictures, this.seed, Expressions) = (pictures, seed, expressions);
        groups =
        [
            .. pictures.SelectMany(
                (samples, picture) =>
                    Enumerable.Range(0, (samples.Count + expressions - 1) / expressions).Select(group => (picture, group))
            ),
        ];
        if ((long)groups.Length * expressions > int.MaxValue)
            throw new ArgumentException("There are too many samples in groups.", nameof(expressions));
    }

    /// <summary>How many samples of a picture follow one another.</summary>
    public int Expressions { get; }

    /// <inheritdoc/>
    public int Count => groups.Length * Expressions;

    /// <summary>The samples in groups of one picture.</summary>
    /// <param name="pictures">The name of the picture of each sample.</param>
    /// <param name="expressions">How many samples of a picture follow one another; at least 1.</param>
    /// <param name="seed">Shuffles the groups of every epoch, and the samples of every picture.</param>
    public static PictureSampler Of(IEnumerable<string> pictures, int expressions, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expressions);
        var samples = pictures.Select((picture, index) => (picture, index)).GroupBy(s => s.picture, s => s.index);
        return new([.. samples.Select(picture => picture.ToMany())], expressions, seed);
    }

    /// <inheritdoc/>
    public int At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfZero(Count);
        var (at, place) = Math.DivRem(step, Expressions);
        var (picture, group) = groups[new Sampler(groups.Length, seed).At(at)];
        var samples = pictures[picture];
        var epoch = at / groups.Length;
        // Another order of the picture's samples in each epoch.
        var order = new Sampler(samples.Count, seed + 1 + (ulong)picture);
        return samples[order.At(epoch * samples.Count + (group * Expressions + place) % samples.Count)];
    }
}
