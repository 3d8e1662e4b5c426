using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using Cmsa.Benchmarks;
using Cmsa.Dsl.Torch;

namespace Cmsa.Dsl.Benchmarks;

/// <summary>
/// One subject and pass in several ways: what <c>cmsa bench</c> shows at the paper's sizes, small and with statistics.
/// </summary>
/// <param name="subject">The subject.</param>
/// <param name="ways">The ways; the first is what others are compared with.</param>
[Config(typeof(Short))]
public abstract class Compared(Workload subject, params Backend[] ways) : IDisposable
{
    private Runnable? forward,
        step;

    // In this process, as another would have to find and load libtorch anew; the least time is the one that a busy
    // machine disturbs least.
    private sealed class Short : ManualConfig
    {
        public Short() =>
            AddJob(Job.InProcess.WithStrategy(RunStrategy.Monitoring).WithWarmupCount(3).WithIterationCount(20))
                .AddColumn(StatisticColumn.Min);
    }

    /// <summary>In which way it is run.</summary>
    [ParamsSource(nameof(Ways))]
    public Backend Way { get; set; }

    /// <summary>The ways.</summary>
    public IEnumerable<Backend> Ways => ways;

    /// <summary>Compiles.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Memory.Keep();
        (forward, step) = (Ready(Pass.Forward), Ready(Pass.Step));
    }

    private Runnable Ready(Pass pass) =>
        new Trial(subject, Way, pass, new Options())
            .Ready()
            .Match(Right: ready => ready, Left: why => throw new InvalidOperationException($"{why}"));

    /// <summary>A sample forward.</summary>
    [Benchmark]
    public void Forward() => forward!.Run();

    /// <summary>A sample forward and backward.</summary>
    [Benchmark]
    public void Step() => step!.Run();

    /// <summary>Frees the models.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        forward?.Dispose();
        step?.Dispose();
        GC.SuppressFinalize(this);
    }
}
