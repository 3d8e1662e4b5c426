using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015) over the parameters of a compiled module, each with the pace and the decay that a
/// <see cref="Training"/> gives it. Its state is a list of named tensors, so that it can be put away and taken up again
/// bit for bit.
/// </summary>
internal sealed class Adam : IOptimizer
{
    private const double FirstDecay = .9,
        SecondDecay = .999,
        Epsilon = 1e-8;

    private readonly LearntParameters parameters;
    private readonly Tensor[] firsts;
    private readonly Tensor[] seconds;

    public Adam(Compiled module, Training training)
    {
        parameters = new(module, training);
        (firsts, seconds) = (parameters.Zeros(), parameters.Zeros());
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        parameters.State("adam", ("first", firsts), ("second", seconds));

    /// <inheritdoc/>
    public Tensor? Master(string path) => parameters.Master(path);

    /// <inheritdoc/>
    public double Step(int step, double rate, bool isMeasured = false)
    {
        var (firstBias, secondBias) = (1 - Math.Pow(FirstDecay, step + 1), 1 - Math.Pow(SecondDecay, step + 1));
        // Numbers that change from step to step are held here until the native side is done with them.
        using Scalar firstShare = 1 - FirstDecay,
            secondShare = 1 - SecondDecay,
            first = FirstDecay,
            second = SecondDecay,
            root = 1 / Math.Sqrt(secondBias),
            epsilon = Epsilon;
        return parameters.Step(
            pace => -rate * pace / firstBias,
            isMeasured,
            (i, parameter, gradient, length) =>
            {
                firsts[i].mul_(first).add_(gradient, firstShare);
                seconds[i].mul_(second).addcmul_(gradient, gradient, secondShare);
                parameter.Master.addcdiv_(firsts[i], seconds[i].sqrt().mul_(root).add_(epsilon, Scalars.One), length);
            }
        );
    }

    public void Dispose()
    {
        foreach (var moment in (Tensor[])[.. firsts, .. seconds])
            moment.Dispose();
        parameters.Dispose();
    }
}
