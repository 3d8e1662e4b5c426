using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// How many samples of a batch go through a graph at a time, so that a batch never costs more than its samples one by
/// one. On a CPU, values that leave the cache cost more than calls saved; only weights that do not fit into the cache
/// are better read for several samples at once.
/// </summary>
internal static class Batches
{
    // Bytes: about what a core's own cache holds, what a processor's shared cache holds, and what is still cleared and
    // mapped without waiting.
    private const long Core = 4 << 20,
        Shared = 32 << 20,
        Memory = 128 << 20;
    private const int Most = 8;

    /// <summary>How many samples go together at inference on a CPU; elsewhere all do.</summary>
    /// <param name="plan">The plan of a run.</param>
    /// <param name="weights">The bytes of the weights.</param>
    /// <param name="training">Whether gradients are kept: batch norms look at the whole batch then.</param>
    /// <param name="device">Where it runs.</param>
    public static int Together(ExecutionPlan plan, long weights, bool training, Device device)
    {
        if (training || device.type != DeviceType.CPU)
            return int.MaxValue;
        var sample = Math.Max(1, plan.Run.Peak - plan.Kept);
        var cached = Core / sample;
        var read = weights + plan.Kept > Shared ? Math.Min(Most, Memory / sample) : 1;
        return (int)Math.Clamp(Math.Max(cached, read), 1, int.MaxValue);
    }
}
