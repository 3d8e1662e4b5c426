using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>Tests that measure the process, and run when nothing else of it does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

/// <summary>The author never disposes a tensor, and none is left.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "Slow")]
public class MemoryTests
{
    private static readonly Sizes tiny = TinyPaper.Sizes;

    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static Compiled Module(bool training) =>
        Paper.Model(tiny).Compile(tiny.Inputs, new Options(Training: training)).Fits();

    [Fact]
    public void A_thousand_runs_leave_as_many_tensors_as_there_were()
    {
        using var module = Module(training: false);
        var arguments = module.DrawnArguments();
        module.Run(arguments).Dispose();
        var before = Live;
        for (var i = 0; i < 1000; i++)
            module.Run(arguments).Dispose();
        Assert.Equal(before, Live);
    }

    [Fact]
    public async Task Several_threads_may_be_the_first_to_run_a_module()
    {
        using var module = Module(training: false);
        var arguments = module.DrawnArguments();
        var expected = Once();
        for (var time = 0; time < 50; time++)
        {
            module.Refresh();
            using var start = new Barrier(4);
            var threads = Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            start.SignalAndWait();
                            return Once();
                        },
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
                .ToArray();
            Assert.All(await Task.WhenAll(threads), result => Assert.Equal(expected, result));
        }

        byte[] Once()
        {
            using var result = module.Run(arguments);
            return result.bytes.ToArray();
        }
    }

    [Fact]
    public void A_hundred_steps_of_training_leave_as_many_tensors_as_there_were()
    {
        using var module = Module(training: true);
        var arguments = module.DrawnArguments();
        Step();
        var before = Live;
        for (var i = 0; i < 100; i++)
            Step();
        Assert.Equal(before, Live);

        void Step()
        {
            using var logits = module.Run(arguments);
            using var loss = logits.mean();
            loss.backward();
            module.zero_grad();
        }
    }

    [Fact]
    public void Steps_of_an_optimizer_leave_as_many_tensors_as_there_were()
    {
        using var module = Module(training: true);
        using var optimizer = torch.optim.SGD(module.parameters(), 1e-3);
        var arguments = module.DrawnArguments();
        Step();
        var before = Live;
        for (var i = 0; i < 20; i++)
            Step();
        Assert.Equal(before, Live);

        void Step()
        {
            // TorchSharp's optimizers look at gradients through tensors that they leave to the scope.
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            module.Run(arguments).square().mean().backward();
            optimizer.step();
        }
    }

    [Fact]
    public void A_collection_during_a_run_frees_nothing_that_is_in_use()
    {
        // Many sums, since TorchSharp's sum reads a number that it does not hold: without the number held two or three
        // a second go wrong here, once the code is compiled
        // for speed and forgets what it needs no more.
        var model = Enumerable
            .Range(0, 40)
            .Aggregate(
                Identity<FeatureMap>(),
                (f, i) => f >> Define<FeatureMap, FeatureMap>(x => x + Learnable($"term{i}"))
            );
        using var module = model
            .Compile(InputSpec.FeatureMap(1, 64, 64), new Options(Optimise: Graphs.OptimizationLevel.AsWritten))
            .Fits()
            .WithDrawnWeights();
        using var scope = NewDisposeScope();
        var arguments = module.DrawnArguments();
        var expected = module.Run(arguments);
        for (var i = 0; i < 3000; i++)
            module.Run(arguments).Dispose();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                using var result = module.Run(arguments);
                Assert.True(result.allclose(expected, 0, 0));
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    [Fact]
    public void Ten_thousand_runs_need_no_more_memory_than_a_thousand()
    {
        using var module = (Conv(8, 3) >> Relu >> Conv(4, 1)).Compile(InputSpec.FeatureMap(3, 16, 16)).Fits();
        var arguments = module.DrawnArguments();
        for (var i = 0; i < 1000; i++)
            module.Run(arguments).Dispose();
        var before = Resident;
        for (var i = 0; i < 10_000; i++)
            module.Run(arguments).Dispose();
        // Each run makes 40 KB: leaked, they would be 400 MB.
        Assert.InRange(Resident - before, long.MinValue, 60_000_000);
    }

    private static long Resident
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    [Fact]
    public void Handing_out_probes_leaves_nothing()
    {
        using var module = Paper
            .Model(tiny)
            .Compile(tiny.Inputs, new Options(Probes: ["res5.attention.weights"]))
            .Fits();
        var arguments = module.DrawnArguments();
        module.RunShowing(arguments).Dispose();
        module.Run(arguments).Dispose();
        var before = Live;
        for (var i = 0; i < 20; i++)
        {
            module.RunShowing(arguments).Dispose();
            module.Run(arguments).Dispose();
        }
        Assert.Equal(before, Live);
    }

    [Fact]
    public void A_run_that_fails_leaves_nothing()
    {
        using var module = (Conv(2, 3) >> Relu >> new Failing()).Compile(InputSpec.FeatureMap(2, 3, 3)).Fits();
        var arguments = module.DrawnArguments();
        Assert.Throws<InvalidOperationException>(() => module.Run(arguments));
        var before = Live;
        for (var i = 0; i < 20; i++)
            Assert.Throws<InvalidOperationException>(() => module.Run(arguments));
        Assert.Equal(before, Live);
    }

    [Fact]
    public void A_module_takes_all_it_owns_with_it()
    {
        Module(training: true).Dispose();
        var before = Live;
        Module(training: true).Dispose();
        Assert.Equal(before, Live);
    }

    [Fact]
    public void A_module_for_inference_keeps_no_gradients()
    {
        using var scope = NewDisposeScope();
        var module = Module(training: false);
        var result = module.Run(module.DrawnArguments());
        Assert.False(result.requires_grad);
        Assert.True(result.is_leaf);
        Assert.All(module.parameters(), p => Assert.False(p.requires_grad));
    }

    [Fact]
    public void Running_leaves_the_callers_mode_of_gradients()
    {
        using var module = Module(training: false);
        module.Run(module.DrawnArguments()).Dispose();
        Assert.True(torch.is_grad_enabled());
    }

    [Fact]
    public void The_result_belongs_to_the_callers_scope()
    {
        using var module = Module(training: false);
        var arguments = module.DrawnArguments();
        Tensor inner,
            kept;
        using (var scope = NewDisposeScope())
        {
            inner = module.Run(arguments);
            Assert.True(scope.Contains(inner));
            Assert.Equal(1, scope.DisposablesCount);
            kept = module.Run(arguments).MoveToOuterDisposeScope();
        }
        Assert.True(inner.IsInvalid);
        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void A_module_made_inside_a_scope_outlives_it()
    {
        Compiled module;
        using (NewDisposeScope())
            module = Module(training: false);
        module.Run(module.DrawnArguments()).Dispose();
        module.Dispose();
    }

    [Fact]
    public void The_callers_arguments_are_left_as_they_are()
    {
        using var scope = NewDisposeScope();
        var module = Identity<FeatureMap>().Compile(InputSpec.FeatureMap(1, 2, 2)).Fits();
        var argument = torch.ones(1, 1, 2, 2);
        module.Run(argument).Dispose();
        Assert.False(argument.IsInvalid);
        Assert.Equal(4, argument.sum().item<float>());
    }

    /// <summary>A layer whose kernel fails when it is run.</summary>
    private sealed record Failing : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => new Node(new Fail(), input.Node);
    }

    private sealed record Fail : Operation
    {
        static Fail() => Kernels.Register<Fail>((_, _) => (_, _) => throw new InvalidOperationException("It fails."));

        public override Inferred Infer(Many<Shape> operands) => operands[0];
    }
}
