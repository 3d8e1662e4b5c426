using System.Diagnostics;

namespace Cmsa.Benchmarks.Measuring;

/// <summary>How long some runs took.</summary>
/// <param name="Runs">Each run, from the shortest to the longest.</param>
public sealed record Times(Many<TimeSpan> Runs)
{
    /// <summary>The run in the middle.</summary>
    public TimeSpan Median => Runs[Runs.Count / 2];

    /// <summary>The shortest, which a busy machine disturbs least.</summary>
    public TimeSpan Least => Runs[0];

    /// <summary>The time of one run.</summary>
    public static TimeSpan Once(Action act)
    {
        var start = Stopwatch.GetTimestamp();
        act();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>As many runs as fit into a time, at least one and at most so many.</summary>
    public static Times Of(Action act, int most, TimeSpan within)
    {
        var runs = new List<TimeSpan>();
        var start = Stopwatch.GetTimestamp();
        do runs.Add(Once(act));
        while (runs.Count < most && Stopwatch.GetElapsedTime(start) + runs.Max() < within);
        return new([.. runs.Order()]);
    }
}
