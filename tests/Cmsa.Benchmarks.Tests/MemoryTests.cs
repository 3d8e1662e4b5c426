using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl.Layers;

namespace Cmsa.Benchmarks.Tests;

/// <summary>
/// The memory that a plan predicts is the memory that the process takes. Only where the system tells how much that is:
/// on Linux.
/// </summary>
[Trait("Speed", "Slow")]
public class MemoryTests
{
    // A 320x320 picture through few channels: 40x40 places, and still a second at most.
    private static readonly Sizes thin = new(
        new ResNet([1, 1, 1, 1], Bottleneck: true, Width: 24, Variant: ResNetVariant.Caffe),
        Image: 320,
        Words: 8,
        Vocabulary: 50,
        WordChannels: 60,
        Attention: 32,
        FusedChannels: 40
    );

    private static readonly AttentionSizes attention = new(28, 28, Words: 5, Width: 64, Channels: 2048);

    public static TheoryData<string, Backend> Trials =>
        new()
        {
            { "attention", Backend.AsWritten },
            { "attention", Backend.Fused },
            { "attention", Backend.Optimised },
            { "pairs", Backend.AsWritten },
            { "heads", Backend.AsWritten },
            { "backbone", Backend.AsWritten },
            { "backbone", Backend.Optimised },
            { "paper", Backend.Optimised },
            { "released", Backend.Fused },
            { "released", Backend.Optimised },
        };

    private static Workload Subject(string name) =>
        name switch
        {
            "attention" => Benchmarks.Workload.Attention(attention),
            "pairs" => Benchmarks.Workload.Attention(attention with { Over = AttentionScope.Pairs, Words = 4 }),
            "heads" => new(
                name,
                name,
                Multimodal >> Residual(SelfAttention(32, AttentionScope.Pixels, heads: 4)) >> WordMean,
                InputSpec.FeatureMap(512, 20, 20) & InputSpec.Words(6, 100)
            ),
            "backbone" => Benchmarks.Workload.Backbone(
                ResNet.Of50 with
                {
                    Variant = ResNetVariant.Caffe,
                },
                InputSpec.Image(320, 320)
            ),
            "paper" => Benchmarks.Workload.Paper(thin),
            _ => new(name, name, Released.Model(thin), thin.Inputs),
        };

    [Theory, MemberData(nameof(Trials))]
    public void What_is_predicted_is_within_15_percent_of_what_is_measured(string name, Backend way)
    {
        var trial = new Trial(Subject(name), way, Pass.Forward, new());
        using var ready = trial
            .Ready()
            .Match(Right: r => r, Left: why => throw new InvalidOperationException($"{why}"));
        ready.Run();
        ready.Forget();
        if (Resident.Growth(ready.Run).Case is not long measured)
            return;
        var predicted = trial.Forecast.Match(
            Right: f => f.Peak,
            Left: why => throw new InvalidOperationException($"{why}")
        );
        // Large enough that what the run time takes for itself does not matter.
        Assert.InRange(predicted, 20L << 20, 2L << 30);
        Assert.InRange(predicted / (double)measured, 0.85, 1.15);
    }

    [Fact]
    public void What_an_action_takes_and_frees_is_its_growth()
    {
        const long taken = 100L << 20;
        if (Resident.Growth(() => TorchSharp.torch.ones(taken / 4).Dispose()).Case is not long measured)
            return;
        // What other threads of the process give back meanwhile is missing.
        Assert.InRange(measured, taken * 0.95, taken * 1.05);
    }
}
