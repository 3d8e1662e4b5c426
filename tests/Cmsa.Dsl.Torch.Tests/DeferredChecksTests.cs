using Cmsa.Dsl.Rewriting;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch.Tests;

/// <summary>The factored softmax as on a GPU, where values are looked at when a stage has ended.</summary>
public class DeferredChecksTests
{
    [Theory]
    [InlineData(4, 0)]
    [InlineData(400, 1)]
    public void Checks_at_the_end_give_what_checks_on_the_way_give(double spread, int fallBacks)
    {
        using var scope = NewDisposeScope();
        using var module = MeanOfSoftmax();
        var arguments = module.DrawnArguments(3);
        foreach (var logits in arguments)
            logits.mul_(spread).requires_grad_();
        var (expected, slope) = Gone(module.Run(arguments), module, arguments);
        var fallen = Kernels.FallBacks;
        Tensor? later = null;
        DeferredChecks.Run(() => later = module.Run(arguments), () => later?.Dispose());
        Assert.Equal(fallBacks, Kernels.FallBacks - fallen);
        var (found, slopes) = Gone(later!, module, arguments);
        Assert.InRange((found - expected).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange((slopes - slope).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void A_stage_in_a_stage_looks_at_its_own_values_alone()
    {
        using var failed = tensor(false);
        var (inner, outer) = (0, 0);
        DeferredChecks.Run(
            () =>
            {
                outer++;
                DeferredChecks.Run(
                    () =>
                    {
                        inner++;
                        if (!DeferredChecks.Current!.AreStable)
                            DeferredChecks.Current.Add(failed.clone());
                    },
                    () => inner += 10
                );
                Assert.False(DeferredChecks.Current!.AreStable);
            },
            () => outer += 10
        );
        Assert.Null(DeferredChecks.Current);
        Assert.Equal((12, 1), (inner, outer));
    }

    [Fact]
    public void What_was_undone_is_as_it_was()
    {
        using var statistic = tensor(new[] { 1.0, 2.0 });
        using var copies = Copies.Of([statistic]);
        statistic.add_(5);
        copies.Restore();
        Assert.Equal([1.0, 2.0], statistic.data<double>().ToArray());
    }

    private static (Tensor, Tensor) Gone(Tensor mean, Compiled module, Tensor[] arguments)
    {
        foreach (var argument in arguments)
            argument.grad?.zero_();
        mean.square().sum().backward();
        return (mean.detach(), arguments[0].grad!.clone());
    }

    // The mean over words of softmax over places of x + y.
    private static Compiled MeanOfSoftmax()
    {
        var (batch, row, place) = (
            new Dimension(Axis.Batch, 1),
            new Dimension(Axis.Row, 5),
            new Dimension(Axis.Row.Prime, 7)
        );
        Node x = new(new Input("x", new Shape(batch, row, place))),
            y = new(new Input("y", new Shape(batch, new(Axis.Word, 4), place)));
        var graph = Graph.Of("mean", (x + y).Softmax([Axis.Row.Prime]).Reduce(Reduction.Mean, [Axis.Word]));
        var optimised = GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: true);
        Assert.True(optimised.Nodes.Exists(n => n.Operation is AverageSoftmax));
        return new Compiled(optimised, new(Precision: Precision.Float64, Training: true));
    }
}
