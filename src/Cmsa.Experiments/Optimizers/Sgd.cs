using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum over the parameters of a compiled module, each with the pace and the decay
/// that a <see cref="Training"/> gives it.
/// </summary>
internal sealed class Sgd : IOptimizer
{
    private readonly LearntParameters parameters;
    private readonly Tensor[] velocities;
    private readonly double momentum;
    private readonly bool nesterov;

    public Sgd(Compiled module, Training training, double momentum, bool nesterov)
    {
        (this.momentum, this.nesterov) = (momentum, nesterov);
        parameters = new(module, training);
        velocities = parameters.Zeros();
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State => parameters.State("sgd", ("velocity", velocities));

    /// <inheritdoc/>
    public Tensor? Master(string path) => parameters.Master(path);

    /// <inheritdoc/>
    public double Step(int step, double rate, bool isMeasured = false)
    {
        using Scalar kept = momentum;
        return parameters.Step(
            pace => -rate * pace,
            isMeasured,
            (i, parameter, gradient, length) =>
            {
                velocities[i].mul_(kept).add_(gradient, Scalars.One);
                parameter.Master.add_(nesterov ? gradient.add(velocities[i], kept) : velocities[i], length);
            }
        );
    }

    public void Dispose()
    {
        foreach (var velocity in velocities)
            velocity.Dispose();
        parameters.Dispose();
    }
}
