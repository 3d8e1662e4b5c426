using Cmsa.Benchmarks.ByHand;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Benchmarks.Tests;

/// <summary>What is compared computes the same.</summary>
public class ByHandTests
{
    private static readonly Sizes small = new(
        ResNet.Of18 with
        {
            Width = 8,
            OutputStride = 8,
        },
        Image: 48,
        Words: 6,
        Vocabulary: 20,
        WordChannels: 12,
        Attention: 8,
        FusedChannels: 10,
        FixedBackbone: false
    );

    private static readonly ResNet bottlenecks = new(
        [2, 1, 2, 1],
        Bottleneck: true,
        Width: 4,
        Variant: ResNetVariant.Caffe,
        OutputStride: 8
    );

    public static TheoryData<string> Subjects =>
        ["paper", "paper of bottlenecks", "backbone", "backbone of bottlenecks"];

    private static Workload Of(string name) =>
        name switch
        {
            "paper" => Workload.Paper(small),
            "paper of bottlenecks" => Workload.Paper(small with { Backbone = bottlenecks }),
            "backbone" => Workload.Backbone(small.Backbone, InputSpec.Image(40, 40)),
            _ => Workload.Backbone(bottlenecks, InputSpec.Image(40, 40)),
        };

    [Theory, MemberData(nameof(Subjects))]
    public void The_model_by_hand_is_the_compiled_one(string name)
    {
        using var scope = NewDisposeScope();
        using var mode = torch.no_grad();
        var subject = Of(name);
        foreach (var effort in Enum.GetValues<Dsl.Graphs.OptimizationLevel>())
        {
            using var compiled = subject
                .Model.Compile(subject.Extent, new Options(Optimise: effort, Seed: 3))
                .Match(m => m, e => throw new InvalidOperationException($"{e}"));
            var eager = subject
                .ByHand.Map(make => make())
                .IfNone(() => throw new InvalidOperationException("nobody has written it"));
            eager.Module.WithWeightsOf(compiled, eager.Under);
            var arguments = Drawn.DrawnArguments(compiled, 2, seed: 1);
            var found = Assert.Single(compiled.RunAll(arguments).Values);
            var expected = eager.Forward(arguments);
            Assert.Equal(expected.shape, found.shape);
            Assert.InRange(
                (found - expected).abs().max().item<float>(),
                0,
                1e-4 * (1 + expected.abs().max().item<float>())
            );
        }
    }

    // As on a GPU: the tensors that a moved module has are others.
    [Theory, MemberData(nameof(Subjects))]
    public void The_model_by_hand_can_be_moved(string name)
    {
        using var scope = NewDisposeScope();
        using var mode = torch.no_grad();
        var subject = Of(name);
        using var compiled = subject
            .Model.Compile(subject.Extent, new Options(Precision: Precision.Float64))
            .Match(m => m, e => throw new InvalidOperationException($"{e}"));
        var eager = subject.ByHand.Map(make => make()).IfNone(() => throw new InvalidOperationException("none"));
        eager.Module.to(ScalarType.Float64);
        eager.Module.WithWeightsOf(compiled, eager.Under);
        var arguments = compiled.DrawnArguments(2);
        var found = Assert.Single(compiled.RunAll(arguments).Values);
        // By hand the coordinates of places are float32.
        Assert.InRange((found - eager.Forward(arguments)).abs().max().item<double>(), 0, 1e-5);
    }
}
