namespace Cmsa.Experiments.Scoring;

/// <summary>Which consecutive samples are about one picture, so that a model looks at it once.</summary>
internal static class SamePicture
{
    /// <summary>Consecutive samples that a model runs together.</summary>
    /// <param name="Samples">The samples.</param>
    /// <param name="IsOnePicture">Whether they are several expressions of one picture.</param>
    public sealed record Group(IReadOnlyList<Sample> Samples, bool IsOnePicture);

    /// <summary>Samples in their order: those of one picture together, and the single ones between them.</summary>
    public static IEnumerable<Group> Groups(IEnumerable<Sample> samples)
    {
        var single = new List<Sample>();
        foreach (var run in Runs(samples))
        {
            if (run.Count == 1)
            {
                single.Add(run[0]);
                continue;
            }
            if (single.Count > 0)
                yield return new([.. single], IsOnePicture: false);
            single.Clear();
            yield return new(run, IsOnePicture: true);
        }
        if (single.Count > 0)
            yield return new(single, IsOnePicture: false);
    }

    /// <summary>Whether two samples are about one picture: the same pixels.</summary>
    public static bool Of(Sample a, Sample b) =>
        ReferenceEquals(a.Picture, b.Picture)
        || (
            (a.Picture.Height, a.Picture.Width) == (b.Picture.Height, b.Picture.Width)
            && a.Picture.Rgb.AsSpan().SequenceEqual(b.Picture.Rgb)
        );

    private static IEnumerable<List<Sample>> Runs(IEnumerable<Sample> samples)
    {
        List<Sample> run = [];
        foreach (var sample in samples)
        {
            if (run.Count > 0 && !Of(run[^1], sample))
            {
                yield return run;
                run = [];
            }
            run.Add(sample);
        }
        if (run.Count > 0)
            yield return run;
    }
}
