using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>
/// An optimizer over the parameters of one compiled module. Its state is a list of named tensors, so that it can be saved
/// and restored bit for bit.
/// </summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>All that the next steps depend on besides the module's own tensors.</summary>
    IEnumerable<(string Name, Tensor Tensor)> State { get; }

    /// <summary>A parameter's weights in float32 or more, where the module has them in less; null otherwise.</summary>
    /// <param name="path">The parameter's path.</param>
    Tensor? Master(string path);

    /// <summary>One step against the gradients that the parameters hold.</summary>
    /// <param name="step">How many were taken before.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="isMeasured">Whether the gradient's norm is wanted.</param>
    /// <returns>The norm of the gradient of all parameters, before it is clipped; NaN where it was not computed.</returns>
    double Step(int step, double rate, bool isMeasured = false);
}
