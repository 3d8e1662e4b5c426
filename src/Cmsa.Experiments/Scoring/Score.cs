namespace Cmsa.Experiments.Scoring;

/// <summary>
/// How well masks fit the truth (CVPR 2019, section 4). Scores of parts add up to the score of the whole.
/// </summary>
/// <param name="Count">How many samples.</param>
/// <param name="Intersection">Pixels in both, over all samples.</param>
/// <param name="Union">Pixels in either, over all samples.</param>
/// <param name="IouSum">The samples' own IoUs, added.</param>
/// <param name="Hits">How many samples reach each of <see cref="Thresholds"/>.</param>
public sealed record Score(long Count, long Intersection, long Union, double IouSum, Many<long> Hits)
{
    /// <summary>The IoUs from which a sample counts as found: precision@X.</summary>
    public static Many<double> Thresholds { get; } = [.5, .6, .7, .8, .9];

    /// <summary>Of no sample.</summary>
    public static Score None { get; } = new(0, 0, 0, 0, [0, 0, 0, 0, 0]);

    /// <summary>Of one sample: what was answered against the truth, both at the original size.</summary>
    public static Score Of(BinaryMask answer, BinaryMask truth)
    {
        if ((answer.Height, answer.Width) != (truth.Height, truth.Width))
            throw new ArgumentException(
                $"a mask of {answer.Height} x {answer.Width} pixels for a region of {truth.Height} x {truth.Width}",
                nameof(answer)
            );
        var (both, either) = (0L, 0L);
        for (var i = 0; i < truth.Pixels.Length; i++)
        {
            both += answer.Pixels[i] & truth.Pixels[i];
            either += answer.Pixels[i] | truth.Pixels[i];
        }
        var iou = either == 0 ? 1 : (double)both / either;
        return new(1, both, either, iou, Thresholds.Map(t => iou >= t ? 1L : 0));
    }

    /// <summary>The score of two parts together.</summary>
    public static Score operator +(Score left, Score right) =>
        new(
            left.Count + right.Count,
            left.Intersection + right.Intersection,
            left.Union + right.Union,
            left.IouSum + right.IouSum,
            left.Hits.Zip(right.Hits, (a, b) => a + b)
        );

    /// <summary>The sum of intersections over the sum of unions: what the paper's tables give.</summary>
    public double OverallIou => Union == 0 ? 0 : (double)Intersection / Union;

    /// <summary>The mean of the samples' IoUs.</summary>
    public double MeanIou => Count == 0 ? 0 : IouSum / Count;

    /// <summary>The share of samples whose IoU reaches each of <see cref="Thresholds"/>.</summary>
    public Many<double> Precision => Hits.Map(h => Count == 0 ? 0 : (double)h / Count);
}
