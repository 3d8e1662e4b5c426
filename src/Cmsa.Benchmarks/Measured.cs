using System.Text.Json;
using Cmsa.Benchmarks.Measuring;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks;

/// <summary>What was measured of a trial.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Times">How long runs took.</param>
/// <param name="Peak">The most memory at a time beyond the weights, in bytes, where the system tells.</param>
/// <param name="Forecast">What was expected.</param>
/// <param name="Parts">
/// Which share of the time each part of the model took, the largest first; empty where that is not known.
/// </param>
/// <param name="FallBacks">
/// How often the factored softmax took the stable way, over all runs, those that were not timed among them.
/// </param>
public sealed record Measured(
    Trial Trial,
    Times Times,
    Option<long> Peak,
    Forecast Forecast,
    Many<(string Part, double Share)> Parts,
    long FallBacks = 0
)
{
    private sealed record Figures(double[] Seconds, long? Peak, string[] Parts, double[] Shares, long FallBacks);

    /// <summary>The figures alone, on one line: what one process tells another.</summary>
    public string ToJson() =>
        JsonSerializer.Serialize(
            new Figures(
                [.. Times.Runs.Map(t => t.TotalSeconds)],
                Peak.ToNullable(),
                [.. Parts.Map(p => p.Part)],
                [.. Parts.Map(p => p.Share)],
                FallBacks
            )
        );

    /// <summary>
    /// The figures of a trial that <see cref="ToJson"/> gave; what was said instead where that was something else.
    /// </summary>
    public static Either<Error, Measured> Parse(Trial trial, Forecast forecast, string json)
    {
        try
        {
            var figures = JsonSerializer.Deserialize<Figures>(json)!;
            return new Measured(
                trial,
                new([.. figures.Seconds.Select(TimeSpan.FromSeconds)]),
                Optional(figures.Peak),
                forecast,
                [.. figures.Parts.Zip(figures.Shares)],
                figures.FallBacks
            );
        }
        catch (JsonException)
        {
            return new Error($"no figures: {json.Split('\n')[0]}");
        }
    }
}
