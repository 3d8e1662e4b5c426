using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Tables;
using FsCheck.Xunit;

namespace Cmsa.Experiments.Tests;

public class BootstrapTests
{
    private static readonly Many<SampleScore> first = [new(0, 8, 10), new(1, 2, 10)],
        second = [new(0, 4, 10), new(1, 4, 10)];

    [Fact]
    public void Of_two_samples_the_interval_reaches_from_the_one_to_the_other()
    {
        // A quarter of the draws is the first sample twice (80 less 40), a quarter the second (20 less 40).
        var found = Bootstrap.Paired([first], [second]).IfNone(() => throw new InvalidOperationException());
        Assert.Equal(10, found.Points, 1e-12);
        Assert.Equal(-20, found.Low, 1e-12);
        Assert.Equal(40, found.High, 1e-12);
        Assert.False(found.IsReal);
    }

    [Fact]
    public void Samples_that_one_of_them_lacks_do_not_count() =>
        Assert.Equal(
            Bootstrap.Paired([first], [second]),
            Bootstrap.Paired([[new(7, 0, 100), .. first]], [[.. second, new(9, 100, 100)]])
        );

    [Fact]
    public void Seeds_are_averaged() =>
        Assert.Equal(
            (40 + 10) / 2.0,
            Bootstrap
                .Paired([[new(0, 8, 10)], [new(0, 5, 10)]], [[new(0, 4, 10)]])
                .Map(d => d.Points)
                .IfNone(double.NaN),
            1e-12
        );

    [Fact]
    public void A_difference_in_every_sample_is_real()
    {
        Many<SampleScore> better = Many.Range(40).Map(i => new SampleScore(i, 6, 10)),
            worse = Many.Range(40).Map(i => new SampleScore(i, 5, 10));
        var found = Bootstrap.Paired([better], [worse]).IfNone(() => throw new InvalidOperationException());
        Assert.True(found.IsReal);
        Assert.Equal(10, found.Low, 1e-9);
    }

    [Fact]
    public void Nothing_in_common_has_no_difference() =>
        Assert.True(Bootstrap.Paired([[new(0, 1, 2)]], [[new(1, 1, 2)]]).IsNone);

    [Property(MaxTest = 10)]
    public bool Turned_round_it_is_the_opposite((byte, byte)[] samples)
    {
        Many<SampleScore> one = [.. samples.Select((s, i) => new SampleScore(i, Math.Min(s.Item1, s.Item2), s.Item2 + 1))],
            other = [.. samples.Select((s, i) => new SampleScore(i, s.Item1 / 2, s.Item1 + 1))];
        var there = Bootstrap.Paired([one], [other]);
        var back = Bootstrap.Paired([other], [one]);
        return there.IsNone == back.IsNone
            && there.ForAll(d =>
                back.ForAll(b =>
                    Math.Abs(d.Points + b.Points) < 1e-9 && Math.Abs(d.Low + b.High) < 1e-9 && d.IsReal == b.IsReal
                )
            );
    }
}
