using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using Cmsa.Benchmarks;
using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using Cmsa.Dsl.Torch;
using Cmsa.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Benchmarks;

/// <summary>The small model of the paper, compiled from its value and written by hand, with the same weights on the same batch.</summary>
[Config(typeof(Short))]
[MemoryDiagnoser]
public class PaperBenchmarks : IDisposable
{
    private Compiled optimised = null!, fused = null!;
    private EagerPaper byHand = null!;
    private Tensor[] arguments = [];

    // In this process, as another would have to find and load libtorch anew; the least time is the one that a busy machine disturbs least.
    private sealed class Short : ManualConfig
    {
        public Short() => AddJob(Job.InProcess.WithStrategy(RunStrategy.Monitoring).WithWarmupCount(3).WithIterationCount(20))
            .AddColumn(StatisticColumn.Min);
    }

    /// <summary>How many samples at once.</summary>
    [Params(1, 4)]
    public int Batch { get; set; }

    /// <summary>Compiles, copies the weights, and checks that all agree before any is timed.</summary>
    [GlobalSetup]
    public void Setup()
    {
        // The sizes that the model by hand is written for: stride 8, two blocks a stage.
        var sizes = new Sizes(ResNet.Of18 with { Width = 16, OutputStride = 8 }, Image: 96, Words: 12, Vocabulary: 64, Word: 48, Attention: 32, Fused: 48, FixedBackbone: false);
        (optimised, fused) = (Compiled(sizes, Effort.All), Compiled(sizes, Effort.Fused));
        byHand = new EagerPaper(sizes);
        byHand.eval();
        using (torch.no_grad())
        {
            var own = byHand.named_parameters().Select(p => (p.name, Tensor: (Tensor)p.parameter)).Concat(byHand.named_buffers().Select(b => (b.name, Tensor: b.buffer)))
                .ToDictionary(p => p.name, p => p.Tensor);
            foreach (var (parameter, tensor) in optimised.Tensors) own[parameter.Path].copy_(tensor);
            foreach (var parameter in byHand.parameters()) parameter.requires_grad_(false);
        }
        arguments = optimised.DrawnArguments(Batch);
        using var scope = NewDisposeScope();
        var expected = Forward_by_hand_kept();
        foreach (var module in new[] { optimised, fused })
            if ((module.Run(arguments) - expected).abs().max().item<float>() is var distance && distance > 1e-4 * (1 + expected.abs().max().item<float>()))
                throw new InvalidOperationException($"The compiled model and the one by hand differ by {distance}.");
    }

    private static Compiled Compiled(Sizes sizes, Effort effort) => Paper.Model(sizes).Compile(sizes.Extent, new Options(Optimise: effort)).Match(
        Succ: module => module.WithDrawnWeights(), Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));

    private Tensor Forward_by_hand_kept()
    {
        using var mode = torch.no_grad();
        return byHand.forward(arguments[0], arguments[1]);
    }

    /// <summary>TorchSharp modules, written by hand.</summary>
    [Benchmark(Baseline = true)]
    public void Forward_by_hand() => Forward_by_hand_kept().Dispose();

    /// <summary>The same operations, compiled: attention by the library's kernel, and nothing else rewritten.</summary>
    [Benchmark]
    public void Forward_fused() => fused.Run(arguments).Dispose();

    /// <summary>Compiled with every rule.</summary>
    [Benchmark]
    public void Forward_optimised() => optimised.Run(arguments).Dispose();

    /// <summary>Frees the models.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        optimised.Dispose();
        fused.Dispose();
        byHand.Dispose();
        GC.SuppressFinalize(this);
    }
}
