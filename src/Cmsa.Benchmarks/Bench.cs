using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks;

/// <summary>How a trial is measured.</summary>
/// <returns>Its figures, or why there are none.</returns>
public delegate Either<Error, Measured> Measure(Trial trial);

/// <summary>What came of a trial: figures, or why there are none.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Outcome">Its figures, or why it was not tried.</param>
public sealed record Tried(Trial Trial, Either<Error, Measured> Outcome)
{
    /// <summary>The time of the run in the middle; none where there was none.</summary>
    public Option<TimeSpan> Median => Outcome.ToOption().Map(m => m.Times.Median);
}

/// <summary>
/// One subject and pass, run in several ways, the first of which is what the others are compared with.
/// </summary>
/// <param name="Subject">The subject.</param>
/// <param name="Pass">What of it is run.</param>
/// <param name="Ways">In which ways.</param>
public sealed record Comparison(Workload Subject, Pass Pass, Many<Backend> Ways)
{
    /// <summary>Tries one way after the other.</summary>
    /// <param name="options">Device and precision.</param>
    /// <param name="measure">How a trial is measured.</param>
    public IEnumerable<Tried> Run(Options options, Measure measure) =>
        Ways.Select(way => new Trial(Subject, way, Pass, options)).Select(trial => new Tried(trial, measure(trial)));
}

/// <summary>The comparisons of <c>cmsa bench</c>.</summary>
public static class Bench
{
    private static readonly Many<Backend> compiled = [Backend.AsWritten, Backend.Fused, Backend.Optimised];

    /// <summary>
    /// One level's attention forward; and forward and backward, at the largest size up to this one that is expected to
    /// fit as written.
    /// </summary>
    public static Many<Comparison> Attention(AttentionSizes sizes, Options options, Limits limits) =>
        [
            new(Workload.Attention(sizes), Pass.Forward, compiled),
            new(Workload.Attention(Largest(sizes, options, limits)), Pass.Step, compiled),
        ];

    /// <summary>A model as a whole.</summary>
    public static Many<Comparison> Whole(Workload subject) => Both(subject, compiled);

    /// <summary>A backbone.</summary>
    public static Many<Comparison> Backbone(Workload subject) =>
        Both(subject, [Backend.ByHand, Backend.AsWritten, Backend.Optimised]);

    private static Many<Comparison> Both(Workload subject, Many<Backend> ways)
    {
        var all = subject.ByHand.IsSome ? ways.Add(Backend.ByHand).Distinct() : ways;
        return [new(subject, Pass.Forward, all), new(subject, Pass.Step, all)];
    }

    private static AttentionSizes Largest(AttentionSizes sizes, Options options, Limits limits) =>
        Many.Range(Math.Min(sizes.Rows, sizes.Columns) / Smaller)
            .Map(i => sizes with { Rows = sizes.Rows - i * Smaller, Columns = sizes.Columns - i * Smaller })
            .Find(s => Fits(new Trial(Workload.Attention(s), Backend.AsWritten, Pass.Step, options), limits))
            .IfNone(sizes);

    private static bool Fits(Trial trial, Limits limits) =>
        trial.Forecast.Exists(forecast => trial.Refusal(forecast, limits).IsNone);

    private const int Smaller = 4;
}
