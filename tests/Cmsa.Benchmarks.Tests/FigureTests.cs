using Cmsa.Benchmarks.Figures;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;
using Snapshooter.Xunit;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks.Tests;

/// <summary>How figures are made of measurements, and how they are read.</summary>
public class FigureTests
{
    private static readonly Limits limits = new(20, TimeSpan.FromSeconds(10), 1L << 30, 100e9);

    private static Trial Of(Backend way, Pass pass = Pass.Forward) =>
        new(Workload.Attention(new(4, 4, Words: 2, Width: 4, Channels: 8, Word: 6)), way, pass, new());

    private static Tried Measured(Backend way, params double[] seconds) =>
        new(
            Of(way),
            new Measured(
                Of(way),
                new([.. seconds.Order().Select(TimeSpan.FromSeconds)]),
                Some(3L << 20),
                new(1_000_000_000, 2L << 20),
                way == Backend.Optimised ? [("backbone", 0.7), ("", 0.3)] : []
            )
        );

    private static readonly Many<Tried> tried =
    [
        Measured(Backend.AsWritten, 4),
        new(Of(Backend.Fused), new Error("not tried: it would take about 300 s")),
        Measured(Backend.Optimised, 0.02, 0.025, 0.03),
        Measured(Backend.ByHand, 0.5, 0.6, 0.7),
    ];

    [Fact]
    public void Figures_are_read_like_this() =>
        Snapshot.Match(
            string.Join(
                '\n',
                [
                    Rows.Text(Rows.Headings),
                    .. tried.Map(t => Rows.Text(Rows.Cells(t, tried[0].Median, 100e9))),
                    .. Rows.Sentence(tried).ToSeq(),
                    .. Rows.Parts(tried).ToSeq(),
                ]
            )
        );

    private static Growth Squares(Backend way, double exponent) =>
        new(
            "words",
            [new(way, [.. new[] { 5.0, 10, 20 }.Select(n => (n, 0.01 * Math.Pow(n, exponent)))])],
            ["fused attention, 40 words: not tried: it would need 9.00 GiB of 1.00 GiB"]
        );

    [Fact]
    public void Growth_is_read_like_this() =>
        Snapshot.Match(string.Join('\n', Rows.Lines(Squares(Backend.AsWritten, 2))));

    [Property]
    public Property The_exponent_of_a_power_is_the_power(NormalFloat factor, byte tenths)
    {
        var (scale, exponent) = (Math.Exp(Math.Clamp(factor.Get, -20, 20)), tenths / 100.0);
        var trend = new Trend(
            Backend.Optimised,
            [.. new[] { 5.0, 10, 20, 40 }.Select(n => (n, scale * Math.Pow(n, exponent)))]
        );
        return (
            Math.Abs(trend.Exponent - exponent) < 1e-9
            && Math.Abs(trend.Rise - Math.Pow(8, exponent)) < 1e-9 * trend.Rise
        ).ToProperty();
    }

    [Fact]
    public void What_one_process_tells_another_is_what_it_measured()
    {
        var measured = tried[2]
            .Outcome.Match(Right: m => m, Left: why => throw new InvalidOperationException($"{why}"));
        Assert.Equal(
            measured,
            Benchmarks
                .Measured.Parse(measured.Trial, measured.Forecast, measured.ToJson())
                .IfLeft(() => throw new InvalidOperationException())
        );
        Assert.True(Benchmarks.Measured.Parse(measured.Trial, measured.Forecast, "out of memory").IsLeft);
        var fallen = measured with { FallBacks = 7 };
        Assert.Equal(
            fallen,
            Benchmarks
                .Measured.Parse(measured.Trial, measured.Forecast, fallen.ToJson())
                .IfLeft(() => throw new InvalidOperationException())
        );
    }

    [Fact]
    public void Falling_back_is_told_where_it_happened()
    {
        Assert.True(Rows.FallBacks(tried).IsNone);
        Assert.Contains(
            "took the stable way: 7 times optimised",
            Rows.FallBacks(Fallen(7)).IfNone(""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the stable way 7 times in",
            new Page("a machine", 100e9, [Fallen(7)], []).ToHtml(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the stable way never in",
            new Page("a machine", 100e9, [tried], []).ToHtml(),
            StringComparison.Ordinal
        );

        static Many<Tried> Fallen(long times) =>
            tried.Map(t =>
                t.Trial.Way == Backend.Optimised
                    ? t with
                    {
                        Outcome = t.Outcome.Map(m => m with { FallBacks = times }),
                    }
                    : t
            );
    }

    [Fact]
    public void What_would_not_fit_is_said_and_not_tried()
    {
        Assert.Contains("would need 2.00 GiB of 1.00 GiB", Said(new(0, 2L << 30)));
        Assert.Contains("would take about 250 s", Said(new(10_000_000_000_000, 0)));
        Assert.True(Of(Backend.AsWritten).Refusal(new(1_000_000, 1000), limits).IsNone);
        Assert.Contains("nobody has written it", Said(new(0, 0), Backend.ByHand));

        string Said(Forecast forecast, Backend way = Backend.AsWritten) =>
            Of(way).Refusal(forecast, limits).Match(why => $"{why}", () => "");
    }

    [Fact]
    public void Backward_a_product_is_done_again_for_each_operand_that_has_a_gradient()
    {
        var graph = (Conv(4, 3, bias: false) >> Conv(4, 3, bias: false))
            .At(InputSpec.FeatureMap(4, 5, 5))
            .Match(p => p, e => throw new InvalidOperationException($"{e}"));
        // The picture has no gradient: 2 products for the first convolution, 3 for the second.
        Assert.Equal(graph.MultiplyAdds / 2 * 5, Forecast.Of(graph, Pass.Step).MultiplyAdds);
    }

    [Fact]
    public void A_training_step_is_tried_at_the_largest_size_that_fits()
    {
        var sizes = new AttentionSizes(24, 24, Words: 4, Width: 8, Channels: 16, Word: 6);
        var few = limits with { Memory = 64L << 20 };
        var step = Bench.Attention(sizes, new(), few)[1].Subject;
        var fitting = new[] { 24, 20, 16, 12, 8, 4 }
            .Select(side => Workload.Attention(sizes with { Rows = side, Columns = side }))
            .Select(s => (Workload: s, Trial: new Trial(s, Backend.AsWritten, Pass.Step, new())))
            .Where(s => s.Trial.Forecast.Exists(f => s.Trial.Refusal(f, few).IsNone))
            .Select(s => s.Workload)
            .ToArray();
        Assert.InRange(fitting.Length, 2, 5);
        Assert.Equal(fitting[0].Key, step.Key);
    }

    [Fact]
    public void A_page_needs_no_other_file()
    {
        var page = new Page("a machine", 100e9, [tried], [Squares(Backend.AsWritten, 2)]).ToHtml();
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("words^2.00", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "href=",
            page.Replace("xlink:href=\"#", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }
}
