using Cmsa.Benchmarks.Figures;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Models;

namespace Cmsa.Benchmarks.Tests;

/// <summary>What is measured of a picture with several expressions.</summary>
public class SharingTests
{
    private static readonly Sizes tiny = new(
        ResNet.Of18 with
        {
            Width = 4,
            OutputStride = 8,
        },
        Image: 32,
        Words: 4,
        Vocabulary: 9,
        WordChannels: 5,
        Attention: 4,
        FusedChannels: 4
    );

    [Fact]
    public void Each_way_is_run_in_turns_and_both_have_their_times()
    {
        var all = Sharing.Of(Paper.Model(tiny), tiny.Inputs, new(), turns: 4).ToMany();
        Assert.Equal(5, all.Count);
        foreach (var measured in all)
        {
            var one = measured.Match(Right: s => s, Left: e => throw new InvalidOperationException($"{e}"));
            Assert.Equal(one.Apart.Runs.Count, one.Together.Runs.Count);
            Assert.Equal(
                one.What.Contains("training", StringComparison.Ordinal)
                || one.What.Contains("frozen", StringComparison.Ordinal)
                    ? 2
                    : 4,
                one.Apart.Runs.Count
            );
            Assert.True(one.Ratio > 0);
        }
    }

    [Fact]
    public void A_bound_run_is_compared_with_a_plain_product()
    {
        using var module = Paper
            .Model(tiny)
            .Compile(tiny.Inputs, new())
            .Match(Succ: m => m, Fail: e => throw new InvalidOperationException($"{e}"));
        var run = ExecutionPlan
            .Of(
                module.Graph,
                bindings:
                [
                    ["image"],
                ]
            )
            .Run.MultiplyAdds;
        var first = Sharing.Of(Paper.Model(tiny), tiny.Inputs, new(), turns: 1).First();
        Assert.Equal(run, first.Match(Right: s => s.Work.IfNone(0), Left: _ => -1));
        var shared = new Shared("x", Seconds(1), Seconds(0.5)) { Work = 1000 };
        Assert.Equal(0.5, shared.Ratio);
        Assert.Equal(
            "  1.00 k multiply-adds, 250 ms at the rate of a plain product: it takes 2.00 times as long",
            Rows.AtRate(shared, rate: 4000).IfNone("")
        );
        Assert.True(Rows.AtRate(shared with { Work = default }, rate: 4000).IsNone);

        static Measuring.Times Seconds(double one) => new([TimeSpan.FromSeconds(one)]);
    }

    [Fact]
    public void A_model_that_does_not_fit_together_is_one_error()
    {
        var wrong = InputSpec.Image(32, 32) & InputSpec.FeatureMap(1, 2, 3);
        Assert.True(Assert.Single(Sharing.Of(Paper.Model(tiny), wrong, new(), turns: 1)).IsLeft);
    }
}
