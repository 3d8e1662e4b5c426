using Cmsa.Experiments.Scoring;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>
/// A difference of two overall IoUs, in points of percent, and where 95 % of the differences lie when the samples are
/// drawn again.
/// </summary>
/// <param name="Points">The difference.</param>
/// <param name="Low">The 2.5th percentile.</param>
/// <param name="High">The 97.5th percentile.</param>
public sealed record Difference(double Points, double Low, double High)
{
    /// <summary>Whether the interval leaves out 0: other samples of the same kind would hardly turn the order round.</summary>
    public bool IsReal => Low > 0 || High < 0;
}

/// <summary>How much of a difference may be due to the samples that happen to be there (Efron and Tibshirani 1993).</summary>
public static class Bootstrap
{
    /// <summary>How often samples are drawn again.</summary>
    public const int Resamples = 10_000;

    /// <summary>
    /// The paired bootstrap: samples are drawn with replacement, as many as there are, and both models are scored on
    /// those that were drawn. Of several seeds, a model's score is the mean of theirs. The draws are the same on every
    /// machine.
    /// </summary>
    /// <param name="first">What one model finds of each sample, for each of its seeds.</param>
    /// <param name="second">What the other finds.</param>
    /// <returns>
    /// The first less the second, over the samples that all of them have; none where there is no such sample.
    /// </returns>
    public static Option<Difference> Paired(Many<Many<SampleScore>> first, Many<Many<SampleScore>> second)
    {
        var common = (first + second)
            .Select(seed => seed.Select(s => s.Index).ToHashSet())
            .Aggregate(
                (System.Collections.Generic.HashSet<int>?)null,
                (so, next) =>
                {
                    if (so is null)
                        return next;
                    so.IntersectWith(next);
                    return so;
                }
            );
        if (first.IsEmpty || second.IsEmpty || common is null || common.Count == 0)
            return None;
        var (left, right) = (first.Map(Kept), second.Map(Kept));
        var all = Enumerable.Range(0, common.Count).ToArray();
        var found = ParallelEnumerable
            .Range(0, Resamples)
            .Select(n => Less(left, right, Drawn(n, common.Count)))
            .Order()
            .ToArray();
        return new Difference(Less(left, right, all), Percentile(found, 0.025), Percentile(found, 0.975));

        SampleScore[] Kept(Many<SampleScore> seed) =>
            [.. seed.Where(s => common.Contains(s.Index)).OrderBy(s => s.Index)];
    }

    private static int[] Drawn(int seed, int count)
    {
        var random = new Random(seed);
        var drawn = new int[count];
        for (var i = 0; i < count; i++)
            drawn[i] = random.Next(count);
        return drawn;
    }

    private static double Less(Many<SampleScore[]> left, Many<SampleScore[]> right, int[] drawn) =>
        100 * (left.Average(seed => OverallIou(seed, drawn)) - right.Average(seed => OverallIou(seed, drawn)));

    private static double OverallIou(SampleScore[] samples, int[] drawn)
    {
        var (both, either) = (0L, 0L);
        foreach (var i in drawn)
        {
            both += samples[i].Intersection;
            either += samples[i].Union;
        }
        return either == 0 ? 0 : (double)both / either;
    }

    private static double Percentile(double[] ordered, double share)
    {
        var at = share * (ordered.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, ordered.Length - 1);
        return ordered[below] + (at - below) * (ordered[above] - ordered[below]);
    }
}
