using LanguageExt;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// The losses of one step at each of rising learning rates (Smith 2017, section 3.3), from which a rate is suggested.
/// </summary>
/// <param name="Points">The rates with the loss that was measured before the step at each.</param>
public sealed record RateSweep(Many<(double Rate, double Loss)> Points)
{
    // Of a loss that is worse than the least one so far by this factor nothing is to be learnt any more.
    private const double Diverged = 4,
        Smoothing = 0.9,
        LeastFall = 0.05;
    private const int Fewest = 10;

    /// <summary>Rates from one to another, each the same factor above the one before.</summary>
    /// <param name="first">The first.</param>
    /// <param name="last">The last.</param>
    /// <param name="count">How many, at least 2.</param>
    public static Many<double> Rates(double first = 1e-7, double last = 1, int count = 100) =>
        Many.Range(count).Map(i => first * Math.Pow(last / first, (double)i / (count - 1)));

    /// <summary>The rates with their smoothed losses: a moving average without bias, of those that are numbers.</summary>
    public Many<(double Rate, double Loss)> Smoothed =>
        Points
            .Where(p => double.IsFinite(p.Loss))
            .Aggregate(
                (Mean: 0.0, Share: 1.0, All: (Many<(double, double)>)[]),
                (so, p) =>
                {
                    var mean = Smoothing * so.Mean + (1 - Smoothing) * p.Loss;
                    var share = so.Share * Smoothing;
                    return (mean, share, so.All.Add((p.Rate, mean / (1 - share))));
                }
            )
            .All;

    /// <summary>Whether the last loss is no number, or far above the least one.</summary>
    public bool HasDiverged =>
        Points.Count > 0
        && (
            !double.IsFinite(Points[^1].Loss)
            || (Smoothed is { Count: >= Fewest } smoothed && smoothed[^1].Loss > Diverged * smoothed.Min(p => p.Loss))
        );

    /// <summary>
    /// The rate at which the smoothed loss falls fastest over the logarithm of the rate, before it is least; an error where
    /// the loss falls at no rate.
    /// </summary>
    public Either<Error, double> Suggestion
    {
        get
        {
            var smoothed = Smoothed;
            if (smoothed.Count < Fewest)
                return new Error(
                    $"no rate can be suggested: the loss is a number at {smoothed.Count} rates alone",
                    "",
                    "look whether the data and the initial weights are as they should be"
                );
            var least = Enumerable.Range(0, smoothed.Count).MinBy(i => smoothed[i].Loss);
            if (smoothed[least].Loss > (1 - LeastFall) * smoothed[0].Loss)
                return new Error(
                    "no rate can be suggested: the loss falls at none of them",
                    "",
                    "take larger batches, so that it is less noisy, or more steps"
                );
            var slopes = Enumerable
                .Range(1, least)
                .Select(i =>
                    (
                        smoothed[i].Rate,
                        Slope: (smoothed[i].Loss - smoothed[i - 1].Loss) / Math.Log(smoothed[i].Rate / smoothed[i - 1].Rate)
                    )
                );
            return slopes.MinBy(s => s.Slope).Rate;
        }
    }
}
