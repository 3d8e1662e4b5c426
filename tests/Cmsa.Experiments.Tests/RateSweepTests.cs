using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Runs;

namespace Cmsa.Experiments.Tests;

/// <summary>The learning rate that a sweep suggests.</summary>
public class RateSweepTests
{
    private static RateSweep Of(Func<double, double> loss) => new(RateSweep.Rates().Map(rate => (rate, loss(rate))));

    // A loss that falls as a logistic curve over the logarithm of the rate, and then rises.
    private static double Curve(double rate, double middle) =>
        0.2 + 0.5 / (1 + Math.Pow(rate / middle, 2)) + 100 * Math.Pow(rate, 3);

    [Theory, InlineData(1e-5), InlineData(1e-4), InlineData(1e-3)]
    public void The_suggestion_is_where_the_loss_falls_fastest(double middle)
    {
        var found = Of(rate => Curve(rate, middle)).Suggestion.Right();
        // Smoothing moves it by a few of the hundred rates.
        Assert.InRange(found / middle, 0.5, 12);
    }

    [Fact]
    public void The_scale_of_the_loss_does_not_matter() =>
        Assert.Equal(
            Of(rate => Curve(rate, 1e-3)).Suggestion.Right(),
            Of(rate => 1024 * Curve(rate, 1e-3)).Suggestion.Right()
        );

    [Fact]
    public void Where_the_loss_falls_at_no_rate_none_is_suggested()
    {
        Assert.Contains("falls at none", Of(_ => 0.5).Suggestion.Left().What, StringComparison.Ordinal);
        Assert.Contains("falls at none", Of(rate => 0.5 + rate).Suggestion.Left().What, StringComparison.Ordinal);
        Assert.Contains("at 3 rates alone", Of(rate => rate < 1.5e-7 ? 0.5 : double.NaN).Suggestion.Left().What, StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_rise_by_one_factor()
    {
        var rates = RateSweep.Rates(1e-6, 1e-2, 5);
        Assert.All(rates.Zip([1e-6, 1e-5, 1e-4, 1e-3, 1e-2], (a, b) => a / b), share => Assert.Equal(1, share, 1e-9));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void A_sweep_ends_where_it_diverges_and_saves_nothing()
    {
        using var folder = new Folder();
        var data = Tiny.Data.Open().Right();
        var run = RunFolder.Create(folder.Path, Tiny.Experiment(), data.Vocabulary).Right();
        var sweep = Trainer.Sweep(run, data, RateSweep.Rates(1e-6, 1e6, 30)).Right();
        Assert.True(sweep.HasDiverged);
        Assert.InRange(sweep.Points.Count, 10, 29);
        Assert.False(run.HasBegun);
        Assert.StartsWith(
            "<svg",
            RateChart.Svg(sweep.Points, sweep.Smoothed, sweep.Suggestion.ToOption()),
            StringComparison.Ordinal
        );
    }
}
