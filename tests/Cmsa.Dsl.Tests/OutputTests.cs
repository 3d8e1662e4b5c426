using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>A model of several outputs gives them all, each under its name.</summary>
public class OutputTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(2, 4, 4);
    private static readonly Layer<FeatureMap, (FeatureMap, Vector)> pair = Conv(3, 3) & GlobalAverage;

    [Fact]
    public void A_pair_has_both()
    {
        using var scope = NewDisposeScope();
        using var module = pair.Compile(map).Fits();
        using var first = Conv(3, 3).Compile(map).Fits();
        var x = module.DrawnArguments()[0];
        var output = module.RunAll(x);
        Assert.True(output.First.Value.allclose(first.Run(x), 1e-5, 1e-6));
        Assert.True(output.Second.Value.allclose(x.mean([2, 3]), 1e-5, 1e-6));
        Assert.Equal(["first", "second"], output.Parts.Map(p => p.Path));
        var message = Assert.Throws<InvalidOperationException>(() => module.Run(x)).Message;
        Assert.Equal("The model gives a pair, not one tensor: call RunAll, whose result has all of them.", message);
        Assert.Contains(
            "It is a pair: take First or Second",
            Assert.Throws<InvalidOperationException>(() => output.Value).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Levels_go_by_their_names()
    {
        using var scope = NewDisposeScope();
        var backbone = ResNet.Of18 with { Width = 2, Blocks = [1, 1, 1, 1] };
        using var module = backbone.Tapped("res3", "res4").Compile(InputSpec.Image(32, 32)).Fits();
        var output = module.RunAll(module.DrawnArguments());
        var levels = module.Graph.Output.Named;
        Assert.True(levels.Count > 1);
        Assert.All(
            levels,
            l =>
                Assert.Equal(
                    l.Signal.Node.Shape.Without(Axis.Batch).Dimensions.Map(d => (long)d.Size),
                    output[l.Name].Value.shape[1..]
                )
        );
        Assert.Contains(
            "no level res9; it has",
            Assert.Throws<ArgumentException>(() => output["res9"]).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Words_come_with_which_of_them_are_there()
    {
        using var scope = NewDisposeScope();
        using var module = Lstm<Words>(3).Compile(InputSpec.Words(4, 2)).Fits();
        var arguments = module.DrawnArguments();
        var output = (Output.One)module.RunAll(arguments);
        Assert.Equal(arguments[1].bytes.ToArray(), output.Present!.bytes.ToArray());
    }

    [Fact]
    public void What_the_second_needs_gets_gradients()
    {
        using var scope = NewDisposeScope();
        var both = Conv(3, 3) & Conv(1, 1).Named("second");
        using var module = both.Compile(map, new Options(Training: true)).Fits();
        var output = module.RunAll(module.DrawnArguments());
        output.Values.Map(v => v.square().mean()).Reduce((a, b) => a.add(b, Scalars.One)).backward();
        Assert.All(module.named_parameters(), p => Assert.NotNull(p.parameter.grad));
        Assert.Contains(module.named_parameters(), p => p.name == "second.weight");
    }

    [Fact]
    public void One_tensor_twice_is_two_results()
    {
        using var scope = NewDisposeScope();
        using var module = (Conv(1, 1) >> (Identity<FeatureMap>() & Identity<FeatureMap>())).Compile(map).Fits();
        var output = module.RunAll(module.DrawnArguments());
        output.First.Dispose();
        Assert.False(output.Second.Value.IsInvalid);
        output.Second.Value.sum();
    }

    [Fact]
    public void Probes_come_with_a_pair()
    {
        using var scope = NewDisposeScope();
        using var module = (Conv(3, 3).Probed("inner") & Conv(1, 1))
            .Compile(map, new Options(Probes: ["inner"]))
            .Fits();
        var outcome = module.RunShowing(module.DrawnArguments());
        Assert.True(outcome.Probes["inner"].allclose(outcome.Output.First.Value));
    }

    [Fact]
    public void All_outputs_obey_the_laws()
    {
        var layer = Conv(3, 3) & (Conv(2, 1) >> Relu);
        Laws.ShapeIsInferred(layer, map).Check();
        Laws.BatchIsItsSamples(layer, map).Check();
        Laws.OptimisedIsAsWritten(layer, map).Check();
        Laws.LeaksNothing(layer, map).Check();
        Laws.BoundIsUnbound(layer, map).Check();
    }

    [Fact]
    public void A_fault_in_the_second_output_breaks_a_law()
    {
        var verdict = Laws.BatchIsItsSamples(Identity<FeatureMap>() & new MeanOfBatch(), map);
        Assert.All(verdict.Broken, b => Assert.Contains("the result second", b, StringComparison.Ordinal));
        Assert.NotEmpty(verdict.Broken);
    }

    [Fact]
    public void A_layer_that_declares_a_pair_gives_one()
    {
        var error = Assert.Single(new NotAPair().At(map).FailToSeq());
        Assert.Contains("a result that is one tensor", error.What, StringComparison.Ordinal);
        Assert.Contains("(FeatureMap, FeatureMap)", $"{error}", StringComparison.Ordinal);
        Assert.Contains("axes", Assert.Single(new OfOtherAxes().At(map).FailToSeq()).What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_too_large_for_the_cache_is_its_samples()
    {
        using var scope = NewDisposeScope();
        var layer = Conv(64, 3) & (Conv(48, 1) >> Relu >> GlobalAverage);
        using var module = layer.Compile(InputSpec.FeatureMap(3, 160, 160)).Fits();
        var x = module.DrawnArguments(5)[0];
        Assert.InRange(module.Together, 1, 4);
        var together = module.RunAll(x).Values;
        for (var i = 0; i < 5; i++)
        {
            var one = module.RunAll(x.narrow(0, i, 1)).Values;
            foreach (var (all, sample) in together.Zip(one))
                Assert.True(all.narrow(0, i, 1).allclose(sample, 1e-4, 1e-5));
        }
    }

    private sealed record NotAPair : Layer<FeatureMap, (FeatureMap, FeatureMap)>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input;
    }

    private sealed record OfOtherAxes : Layer<FeatureMap, (FeatureMap, Vector)>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => new Signal.Pair(input, input);
    }

    /// <summary>A layer that is wrong: samples of a batch see each other.</summary>
    private sealed record MeanOfBatch : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => new Node(new Mix(), input.Node);
    }

    private sealed record Mix : Operation
    {
        static Mix() =>
            Kernels.Register<Mix>((_, _) => (x, _) => x[0].mean([0], keepdim: true).expand_as(x[0]).contiguous());

        public override Inferred Infer(Many<Shape> operands) => operands[0];
    }
}
