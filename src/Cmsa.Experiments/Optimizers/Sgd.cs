using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum over the parameters of a compiled module, each with the pace and the decay
/// that a <see cref="Training"/> gives it. A module in less than float32 is trained through float32 copies of its
/// parameters.
/// </summary>
internal sealed class Sgd : IOptimizer
{
    private readonly Group[] groups;
    private readonly double clip;
    private readonly double momentum;
    private readonly bool nesterov;

    // Value is the module's tensor, Master what is optimised: the same tensor unless the module is in less than float32.
    private sealed record Group(string Path, double Pace, double Decay, Tensor Value, Tensor Master, Tensor Velocity);

    public Sgd(Compiled module, Training training, double momentum, bool nesterov)
    {
        (clip, this.momentum, this.nesterov) = (training.ClipNorm, momentum, nesterov);
        groups =
        [
            .. module
                .Tensors.Select(t => (t.Parameter, t.Tensor, Pace: training.PaceOf(t.Parameter)))
                .Where(t => t.Pace > 0)
                .Select(t =>
                {
                    using var off = no_grad();
                    var isFull = t.Tensor.dtype is ScalarType.Float32 or ScalarType.Float64;
                    var master = isFull ? t.Tensor : t.Tensor.detach().to(ScalarType.Float32);
                    var decay = training.DecayOf(t.Parameter);
                    return new Group(t.Parameter.Path, t.Pace, decay, t.Tensor, master, zeros_like(master));
                }),
        ];
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        groups.SelectMany(g =>
            (IEnumerable<(string, Tensor)>)
                [
                    ($"sgd.velocity/{g.Path}", g.Velocity),
                    .. ReferenceEquals(g.Master, g.Value) ? [] : new[] { ($"sgd.master/{g.Path}", g.Master) },
                ]
        );

    /// <inheritdoc/>
    public Tensor? Master(string path) =>
        groups.FirstOrDefault(g => g.Path == path) is { } group && !ReferenceEquals(group.Master, group.Value)
            ? group.Master
            : null;

    /// <inheritdoc/>
    public double Step(int step, double rate, bool isMeasured = false)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var gradients = groups
            .Select(g => (Group: g, Gradient: g.Value.grad is { } gradient ? gradient.to(g.Master.dtype) : null))
            .ToArray();
        // It stays on the device unless it is wanted: reading it would wait for all that is still being computed.
        var length = clip > 0 || isMeasured ? Adam.LengthOf(gradients.Select(g => g.Gradient).OfType<Tensor>()) : null;
        var shrink = clip > 0 ? (clip / length!).clamp_max(Scalars.One) : null;
        // Numbers that change from step to step are held here until the native side is done with them.
        using Scalar kept = momentum;
        var paces = groups.Select(g => g.Pace).Distinct().ToDictionary(pace => pace, pace => (Scalar)(-rate * pace));
        foreach (var (g, found) in gradients)
        {
            if (found is null)
                continue;
            using var inner = NewDisposeScope();
            var gradient = shrink is null ? found : found.mul(shrink);
            if (g.Decay > 0)
                gradient = gradient.add(g.Master, Scalars.Of(g.Decay));
            g.Velocity.mul_(kept).add_(gradient, Scalars.One);
            g.Master.add_(nesterov ? gradient.add(g.Velocity, kept) : g.Velocity, paces[g.Pace]);
            if (!ReferenceEquals(g.Master, g.Value))
                g.Value.copy_(g.Master);
        }
        foreach (var pace in paces.Values)
            pace.Dispose();
        return isMeasured ? length!.item<double>() : double.NaN;
    }

    public void Dispose()
    {
        foreach (var group in groups)
        {
            group.Velocity.Dispose();
            if (!ReferenceEquals(group.Master, group.Value))
                group.Master.Dispose();
        }
    }
}
