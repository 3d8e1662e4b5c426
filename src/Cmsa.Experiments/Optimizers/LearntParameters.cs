using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Optimizers;

/// <summary>A parameter that an optimizer changes.</summary>
/// <param name="Path">Its path in the model.</param>
/// <param name="Pace">How many times faster than the rate it learns.</param>
/// <param name="Decay">Its weight decay.</param>
/// <param name="Enlarged">How many times as large its gradient is made.</param>
/// <param name="Value">The module's tensor.</param>
/// <param name="Master">What is optimised: the same tensor unless the module is in less than float32.</param>
internal sealed record LearntParameter(
    string Path,
    double Pace,
    double Decay,
    double Enlarged,
    Tensor Value,
    Tensor Master
)
{
    /// <summary>Whether the module is in less than float32, so that there is a copy.</summary>
    public bool HasCopy => !ReferenceEquals(Master, Value);

    /// <summary>The gradient, enlarged, in the type of what is optimised; null where there is none.</summary>
    public Tensor? Gradient()
    {
        if (Value.grad is not { } gradient)
            return null;
        var same = gradient.to(Master.dtype);
        return Enlarged == 1 ? same : same.mul(Scalars.Of(Enlarged));
    }
}

/// <summary>
/// The parameters of a compiled module that learn, each with the pace and the decay that a <see cref="Training"/> gives it,
/// and what a step is for every optimizer: gradients, their norm, clipping and decay. A module in less than float32 is
/// trained through float32 copies of its parameters.
/// </summary>
internal sealed class LearntParameters : IDisposable
{
    private readonly double clip;

    public LearntParameters(Compiled module, Training training)
    {
        clip = training.ClipNorm;
        All =
        [
            .. module
                .Tensors.Select(t => (t.Parameter, t.Tensor, Pace: training.PaceOf(t.Parameter)))
                .Where(t => t.Pace > 0)
                .Select(t =>
                {
                    using var off = no_grad();
                    var isFull = t.Tensor.dtype is ScalarType.Float32 or ScalarType.Float64;
                    return new LearntParameter(
                        t.Parameter.Path,
                        t.Pace,
                        training.DecayOf(t.Parameter),
                        training.GradientOf(t.Parameter),
                        t.Tensor,
                        isFull ? t.Tensor : t.Tensor.detach().to(ScalarType.Float32)
                    );
                }),
        ];
    }

    /// <summary>The parameters, in the module's order.</summary>
    public LearntParameter[] All { get; }

    /// <summary>A tensor of zeros for each parameter, as large as it is.</summary>
    public Tensor[] Zeros()
    {
        using var off = no_grad();
        return [.. All.Select(p => zeros_like(p.Master))];
    }

    /// <summary>A parameter's weights in float32 or more, where the module has them in less; null otherwise.</summary>
    /// <param name="path">The parameter's path.</param>
    public Tensor? Master(string path) => All.FirstOrDefault(p => p.Path == path && p.HasCopy)?.Master;

    /// <summary>What the next steps depend on: tensors of the optimizer's own, and the copies.</summary>
    /// <param name="optimizer">The optimizer's name, with which all names begin.</param>
    /// <param name="own">The optimizer's tensors by name, one for each parameter.</param>
    public IEnumerable<(string Name, Tensor Tensor)> State(string optimizer, params (string Name, Tensor[] Of)[] own) =>
        All.SelectMany(
            (p, i) =>
                (IEnumerable<(string, Tensor)>)
                    [
                        .. own.Select(o => ($"{optimizer}.{o.Name}/{p.Path}", o.Of[i])),
                        .. p.HasCopy ? [($"{optimizer}.master/{p.Path}", p.Master)] : Array.Empty<(string, Tensor)>(),
                    ]
        );

    /// <summary>One step against the gradients that the parameters hold.</summary>
    /// <param name="lengthOf">How far along its direction a parameter of a pace goes; negative, since it goes down.</param>
    /// <param name="isMeasured">Whether the gradient's norm is wanted.</param>
    /// <param name="change">
    /// Changes what is optimised of a parameter, given its number, it, its gradient (clipped, with the decay) and how far it
    /// goes.
    /// </param>
    /// <returns>The norm of the gradient of all parameters, before it is clipped; NaN where it was not computed.</returns>
    public double Step(
        Func<double, double> lengthOf,
        bool isMeasured,
        Action<int, LearntParameter, Tensor, Scalar> change
    )
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var gradients = All.Select(p => p.Gradient()).ToArray();
        // It stays on the device unless it is asked for: reading it would wait for all that is still being computed.
        var norm = clip > 0 || isMeasured ? NormOf(gradients.OfType<Tensor>()) : null;
        var shrink = clip > 0 ? (clip / norm!).clamp_max(Scalars.One) : null;
        // Numbers that change from step to step are held here until the native side is done with them.
        var lengths = All.Select(p => p.Pace).Distinct().ToDictionary(pace => pace, pace => (Scalar)lengthOf(pace));
        for (var i = 0; i < All.Length; i++)
        {
            if (gradients[i] is not { } found)
                continue;
            using var inner = NewDisposeScope();
            var (parameter, gradient) = (All[i], shrink is null ? found : found.mul(shrink));
            if (parameter.Decay > 0)
                gradient = gradient.add(parameter.Master, Scalars.Of(parameter.Decay));
            change(i, parameter, gradient, lengths[parameter.Pace]);
            if (parameter.HasCopy)
                parameter.Value.copy_(parameter.Master);
        }
        foreach (var length in lengths.Values)
            length.Dispose();
        return isMeasured ? norm!.item<double>() : double.NaN;
    }

    // The length of all gradients as one vector: a float64 number on their device.
    private static Tensor NormOf(IEnumerable<Tensor> gradients) =>
        stack(gradients.Select(g => g.mul(g).sum().to(ScalarType.Float64))).sum().sqrt();

    public void Dispose()
    {
        foreach (var parameter in All.Where(p => p.HasCopy))
            parameter.Master.Dispose();
    }
}
