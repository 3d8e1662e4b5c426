namespace Cmsa.Experiments.Learners;

/// <summary>What a model was measured at on a split.</summary>
/// <param name="Split">The split.</param>
/// <param name="Samples">How many of its samples were measured.</param>
/// <param name="Loss">The mean of the batches' losses, each weighted by its samples.</param>
/// <param name="Metrics">The metrics by name, in the learner's order.</param>
/// <param name="Skipped">Samples that could not be read, and why.</param>
public sealed record Scores(
    string Split,
    int Samples,
    double Loss,
    Many<(string Name, double Value)> Metrics,
    Many<Error> Skipped = default
)
{
    /// <summary>The value of a metric.</summary>
    /// <param name="metric">Its name.</param>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public double this[string metric] =>
        Metrics
            .Find(m => m.Name == metric)
            .Map(m => m.Value)
            .IfNone(() =>
                throw new ArgumentException(
                    $"There is no metric {metric}; there is {string.Join(", ", Metrics.Map(m => m.Name))}.",
                    nameof(metric)
                )
            );
}
