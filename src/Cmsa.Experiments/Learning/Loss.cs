using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>What training makes small (CVPR 2019, section 4).</summary>
public static class Loss
{
    /// <summary>Binary cross-entropy of the logits, summed over the pixels, averaged over the batch.</summary>
    /// <param name="logits">One a pixel, batch first.</param>
    /// <param name="truth">As many numbers, 0 or 1, batch first.</param>
    /// <returns>A float32 number; the caller's to dispose.</returns>
    public static Tensor Of(Tensor logits, Tensor truth)
    {
        using var scope = NewDisposeScope();
        return nn
            .functional.binary_cross_entropy_with_logits(
                logits.to(ScalarType.Float32).flatten(),
                truth.flatten(),
                reduction: nn.Reduction.Sum
            )
            .div(Scalars.Of(logits.shape[0]))
            .MoveToOuterDisposeScope();
    }
}
