using TorchSharp;

namespace Cmsa.Benchmarks.Measuring;

/// <summary>The machine that figures belong to.</summary>
public static class Machine
{
    /// <summary>Its processor, the threads that kernels use, and libtorch, in one line.</summary>
    public static string Described =>
        $"{Processor}, {torch.get_num_threads()} threads of {Environment.ProcessorCount} cores, libtorch "
        + $"{torch.__version__}, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";

    private static string Processor =>
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':')[1]
                .Trim()
                ?? Architecture
            : Architecture;

    private static string Architecture => $"{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}";
}
