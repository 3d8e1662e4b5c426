using Cmsa.Dsl.Testing;

namespace Cmsa.Benchmarks.Tests;

/// <summary>The memory that a plan predicts is the memory that the process takes. Only where the system tells how much that is: on Linux.</summary>
public class MemoryTests
{
    // A 320x320 picture through few channels: 40x40 places, and still a second at most.
    private static readonly Sizes thin = new(new ResNet([1, 1, 1, 1], Bottleneck: true, Width: 24, Manner: Manner.Caffe), Image: 320, Words: 8, Vocabulary: 50, Word: 60, Attention: 32, Fused: 40);

    private static readonly AttentionSizes attention = new(28, 28, Words: 5, Width: 64, Channels: 2048);

    public static TheoryData<string, Way> Trials => new()
    {
        { "attention", Way.AsWritten }, { "attention", Way.Fused }, { "attention", Way.Optimised },
        { "pairs", Way.AsWritten }, { "heads", Way.AsWritten },
        { "backbone", Way.AsWritten }, { "backbone", Way.Optimised },
        { "paper", Way.Optimised }, { "released", Way.Fused }, { "released", Way.Optimised },
    };

    private static Subject Subject(string name) => name switch
    {
        "attention" => Benchmarks.Subject.Attention(attention),
        "pairs" => Benchmarks.Subject.Attention(attention with { Over = Over.Pairs, Words = 4 }),
        "heads" => new(name, name, Multimodal >> Residual(SelfAttention(32, Over.Pixels, heads: 4)) >> WordMean, Extent.FeatureMap(512, 20, 20) & Extent.Words(6, 100)),
        "backbone" => Benchmarks.Subject.Backbone(ResNet.Of50 with { Manner = Manner.Caffe }, Extent.Image(320, 320)),
        "paper" => Benchmarks.Subject.Paper(thin),
        _ => new(name, name, Released.Model(thin), thin.Extent),
    };

    [Theory, MemberData(nameof(Trials))]
    public void What_is_predicted_is_within_15_percent_of_what_is_measured(string name, Way way)
    {
        var trial = new Trial(Subject(name), way, Pass.Forward, new());
        using var ready = trial.Ready().Match(Right: r => r, Left: why => throw new InvalidOperationException(why));
        ready.Run();
        ready.Forget();
        if (Resident.Growth(ready.Run).Case is not long measured) return;
        var predicted = trial.Forecast.Match(Right: f => f.Peak, Left: why => throw new InvalidOperationException(why));
        // Large enough that what the run time takes for itself does not matter.
        Assert.InRange(predicted, 20L << 20, 2L << 30);
        Assert.InRange(predicted / (double)measured, 0.85, 1.15);
    }

    [Fact]
    public void What_an_action_takes_and_frees_is_its_growth()
    {
        const long taken = 100L << 20;
        if (Resident.Growth(() => TorchSharp.torch.ones(taken / 4).Dispose()).Case is not long measured) return;
        Assert.InRange(measured, taken * 0.99, taken * 1.05);
    }
}
