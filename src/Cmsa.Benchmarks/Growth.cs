using Cmsa.Dsl.Torch;

namespace Cmsa.Benchmarks;

/// <summary>How the time of one way grows with a size.</summary>
/// <param name="Way">The way.</param>
/// <param name="Points">The sizes with the seconds of a run.</param>
public sealed record Trend(Backend Way, Many<(double Size, double Seconds)> Points)
{
    /// <summary>
    /// The exponent p of the law seconds = c size^p that fits the points best, in the sense of least squares of
    /// logarithms; 0 where there are fewer than two.
    /// </summary>
    public double Exponent
    {
        get
        {
            var logs = Points.Map(p => (X: Math.Log(p.Size), Y: Math.Log(p.Seconds)));
            if (logs.Count < 2)
                return 0;
            var (x, y) = (logs.Average(l => l.X), logs.Average(l => l.Y));
            return logs.Sum(l => (l.X - x) * (l.Y - y)) / logs.Sum(l => (l.X - x) * (l.X - x));
        }
    }

    /// <summary>How many times longer the largest takes than the smallest; 1 where there are fewer than two.</summary>
    public double Rise => Points.Count < 2 ? 1 : Points[^1].Seconds / Points[0].Seconds;
}

/// <summary>How the time of an attention grows with one of its sizes.</summary>
/// <param name="Of">What the size counts.</param>
/// <param name="Lines">A line each way.</param>
/// <param name="Missing">What was not tried, and why.</param>
public sealed record Growth(string Of, Many<Trend> Lines, Many<string> Missing)
{
    private static readonly Many<Backend> ways = [Backend.AsWritten, Backend.Fused, Backend.Optimised];

    /// <summary>Over the number of words, 5 to 40.</summary>
    public static Growth Words(AttentionSizes sizes, Options options, Measure measure) =>
        Over("words", [5, 10, 20, 40], n => sizes with { Words = n }, n => n, options, measure);

    /// <summary>Over the number of places, 20x20 to 80x80.</summary>
    public static Growth Places(AttentionSizes sizes, Options options, Measure measure) =>
        Over(
            "places",
            [20, 28, 40, 56, 80],
            side => sizes with { Rows = side, Columns = side },
            side => side * side,
            options,
            measure
        );

    private static Growth Over(
        string of,
        Many<int> steps,
        Func<int, AttentionSizes> sizes,
        Func<int, double> size,
        Options options,
        Measure measure
    )
    {
        var tried = ways.Map(way =>
            (
                Way: way,
                Steps: steps.Map(step =>
                    (
                        Size: size(step),
                        Outcome: measure(new Trial(Workload.Attention(sizes(step)), way, Pass.Forward, options))
                    )
                )
            )
        );
        return new(
            of,
            tried.Map(t => new Trend(
                t.Way,
                t.Steps.Choose(s => s.Outcome.ToOption().Map(m => (s.Size, m.Times.Median.TotalSeconds)))
            )),
            tried.Bind(t =>
                t.Steps.Choose(s => s.Outcome.Swap().ToOption().Map(why => $"{t.Way.Label}, {s.Size:0} {of}: {why}"))
            )
        );
    }
}
