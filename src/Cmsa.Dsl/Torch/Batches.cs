using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>How many samples of a batch go through a graph at a time.</summary>
internal static class Batches
{
    /// <summary>How many samples go together.</summary>
    public static int Together(ExecutionPlan plan, bool training, Device device) => int.MaxValue;
}
