using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015) over the parameters of a compiled module, each with the pace and the decay that a
/// <see cref="Training"/> gives it. Its state is a list of named tensors, so that it can be put away and taken up again
/// bit for bit. A module in less than float32 is trained through float32 copies of its parameters.
/// </summary>
internal sealed class Adam : IOptimizer
{
    private const double FirstDecay = .9,
        SecondDecay = .999,
        Epsilon = 1e-8;

    private readonly Group[] groups;
    private readonly double clip;

    // Enlarged is the factor of its gradient. Value is the module's tensor, Master what is optimised: the same tensor
    // unless the module is in less than float32.
    private sealed record Group(
        string Path,
        double Pace,
        double Decay,
        double Enlarged,
        Tensor Value,
        Tensor Master,
        Tensor First,
        Tensor Second
    );

    public Adam(Compiled module, Training training)
    {
        clip = training.ClipNorm;
        groups =
        [
            .. module
                .Tensors.Select(t => (t.Parameter, t.Tensor, Pace: training.PaceOf(t.Parameter)))
                .Where(t => t.Pace > 0)
                .Select(t =>
                {
                    using var off = no_grad();
                    var master = t.Tensor.dtype is ScalarType.Float32 or ScalarType.Float64
                        ? t.Tensor
                        : t.Tensor.detach().to(ScalarType.Float32);
                    return new Group(
                        t.Parameter.Path,
                        t.Pace,
                        training.DecayOf(t.Parameter),
                        training.GradientOf(t.Parameter),
                        t.Tensor,
                        master,
                        zeros_like(master),
                        zeros_like(master)
                    );
                }),
        ];
    }

    /// <summary>All that the next steps depend on besides the module's own tensors.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        groups.SelectMany(g =>
            (IEnumerable<(string, Tensor)>)
                [
                    ($"adam.first/{g.Path}", g.First),
                    ($"adam.second/{g.Path}", g.Second),
                    .. ReferenceEquals(g.Master, g.Value) ? [] : new[] { ($"adam.master/{g.Path}", g.Master) },
                ]
        );

    /// <summary>A parameter's weights in float32 or more, where the module has them in less; null otherwise.</summary>
    /// <param name="path">The parameter's path.</param>
    public Tensor? Master(string path) =>
        groups.FirstOrDefault(g => g.Path == path) is { } group && !ReferenceEquals(group.Master, group.Value)
            ? group.Master
            : null;

    /// <summary>One step against the gradients that the parameters hold.</summary>
    /// <param name="step">How many were taken before.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="isMeasured">Whether the gradient's norm is wanted.</param>
    /// <returns>The norm of the gradient of all parameters, before it is clipped; NaN where it was not worked out.</returns>
    public double Step(int step, double rate, bool isMeasured = false)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var gradients = groups
            .Select(g => (Group: g, Gradient: g.Value.grad is { } gradient ? GradientOf(g, gradient) : null))
            .ToArray();
        // It stays on the device unless it is asked for: reading it would wait for all that is still being computed.
        var length = clip > 0 || isMeasured ? LengthOf(gradients.Select(g => g.Gradient).OfType<Tensor>()) : null;
        var shrink = clip > 0 ? (clip / length!).clamp_max(Scalars.One) : null;
        var (firstBias, secondBias) = (1 - Math.Pow(FirstDecay, step + 1), 1 - Math.Pow(SecondDecay, step + 1));
        // Numbers that change from step to step are held here until the native side is done with them.
        using Scalar firstShare = 1 - FirstDecay,
            secondShare = 1 - SecondDecay,
            first = FirstDecay,
            second = SecondDecay,
            root = 1 / Math.Sqrt(secondBias),
            epsilon = Epsilon;
        var paces = groups
            .Select(g => g.Pace)
            .Distinct()
            .ToDictionary(pace => pace, pace => (Scalar)(-rate * pace / firstBias));
        foreach (var (g, found) in gradients)
        {
            if (found is null)
                continue;
            using var inner = NewDisposeScope();
            var gradient = shrink is null ? found : found.mul(shrink);
            if (g.Decay > 0)
                gradient = gradient.add(g.Master, Scalars.Of(g.Decay));
            g.First.mul_(first).add_(gradient, firstShare);
            g.Second.mul_(second).addcmul_(gradient, gradient, secondShare);
            g.Master.addcdiv_(g.First, g.Second.sqrt().mul_(root).add_(epsilon, Scalars.One), paces[g.Pace]);
            if (!ReferenceEquals(g.Master, g.Value))
                g.Value.copy_(g.Master);
        }
        foreach (var pace in paces.Values)
            pace.Dispose();
        return isMeasured ? length!.item<double>() : double.NaN;
    }

    private static Tensor GradientOf(Group group, Tensor gradient)
    {
        var same = gradient.to(group.Master.dtype);
        return group.Enlarged == 1 ? same : same.mul(Scalars.Of(group.Enlarged));
    }

    /// <summary>The length of all gradients as one vector: a float64 number on their device.</summary>
    internal static Tensor LengthOf(IEnumerable<Tensor> gradients) =>
        stack(gradients.Select(g => g.mul(g).sum().to(ScalarType.Float64))).sum().sqrt();

    public void Dispose()
    {
        foreach (var group in groups)
        {
            group.First.Dispose();
            group.Second.Dispose();
            if (!ReferenceEquals(group.Master, group.Value))
                group.Master.Dispose();
        }
    }
}
