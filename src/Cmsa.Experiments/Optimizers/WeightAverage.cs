using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>
/// The exponential moving average of a module's weights and of the statistics of its batch norms (Polyak and Juditsky
/// 1992), in float32. After step <c>t</c>, from 1: <c>average = d average + (1 - d) weights</c> with <c>d = min(decay,
/// (1 + t) / (10 + t))</c>, so that the first steps are not held to the initial values. It begins as the initial weights.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly double decay;
    private readonly (string Path, Tensor Value, Tensor Source, Tensor Average)[] tensors;

    /// <summary>The average of a module's tensors as they are now.</summary>
    /// <param name="module">The module.</param>
    /// <param name="optimizer">Its optimizer, which has the weights of a module in less than float32 in full.</param>
    /// <param name="decay">The decay, between 0 and 1.</param>
    public WeightAverage(Compiled module, IOptimizer optimizer, double decay)
    {
        this.decay = decay;
        using var off = no_grad();
        tensors =
        [
            .. module
                .Tensors.Where(t => t.Parameter.Role != Role.Frozen)
                .Select(t =>
                {
                    var source = optimizer.Master(t.Parameter.Path) ?? t.Tensor;
                    var average = source.detach().to(ScalarType.Float32, copy: true);
                    return (t.Parameter.Path, t.Tensor, source, average);
                }),
        ];
    }

    /// <summary>The averages by the names that a checkpoint gives them.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State => tensors.Select(t => ($"ema/{t.Path}", t.Average));

    /// <summary>Takes the weights after a step into account.</summary>
    /// <param name="step">How many steps were taken before it.</param>
    public void Update(int step)
    {
        using var off = no_grad();
        var kept = Math.Min(decay, (step + 2.0) / (step + 11.0));
        using Scalar share = kept,
            rest = 1 - kept;
        foreach (var (_, _, source, average) in tensors)
        {
            using var scope = NewDisposeScope();
            average.mul_(share).add_(source.to(ScalarType.Float32), rest);
        }
    }

    /// <summary>Uses the module with the averages in the place of its weights, which it has back afterwards, bit for bit.</summary>
    /// <param name="use">What it is used for.</param>
    public T In<T>(Func<T> use)
    {
        using var off = no_grad();
        var own = tensors.Select(t => t.Value.detach().clone().DetachFromDisposeScope()).ToArray();
        try
        {
            foreach (var (_, value, _, average) in tensors)
                value.copy_(average);
            return use();
        }
        finally
        {
            foreach (var (tensor, weights) in tensors.Zip(own))
            {
                tensor.Value.copy_(weights);
                weights.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors)
            tensor.Average.Dispose();
    }
}
