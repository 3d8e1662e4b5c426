using Cmsa.Dsl.Graphs;
using TorchSharp;

namespace Cmsa.Dsl.Torch;

/// <summary>The precision of a compiled module's real numbers.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit brain floating point: the range of float32, 8 bits of precision.</summary>
    BFloat16,

    /// <summary>64-bit floating point.</summary>
    Float64,
}

/// <summary>How a model is compiled.</summary>
/// <param name="Device">Where it runs: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</param>
/// <param name="Precision">The precision of its real numbers.</param>
/// <param name="Training">
/// Whether gradients are kept and dropout and batch norms can train; otherwise the module is for inference alone.
/// </param>
/// <param name="Seed">The seed from which the initial values of its parameters are drawn.</param>
/// <param name="Optimise">How far the graph is rewritten first.</param>
/// <param name="Probes">The probes that the module hands out beside its result.</param>
public sealed record Options(
    string Device = "cpu",
    Precision Precision = Precision.Float32,
    bool Training = false,
    ulong Seed = 0,
    OptimizationLevel Optimise = OptimizationLevel.All,
    Many<string> Probes = default
)
{
    /// <summary>The processor that the device has.</summary>
    public Processor On => Device == "cpu" ? Processor.Cpu : Processor.Gpu;

    /// <summary>The type of its real numbers in TorchSharp.</summary>
    public torch.ScalarType Real =>
        Precision switch
        {
            Precision.BFloat16 => torch.ScalarType.BFloat16,
            Precision.Float64 => torch.ScalarType.Float64,
            _ => torch.ScalarType.Float32,
        };

    /// <summary>The same in another type and on another device.</summary>
    /// <exception cref="ArgumentException">Models do not run in this type.</exception>
    internal Options In(torch.ScalarType type, string device) =>
        this with
        {
            Device = device,
            Precision = type switch
            {
                torch.ScalarType.Float32 => Precision.Float32,
                torch.ScalarType.BFloat16 => Precision.BFloat16,
                torch.ScalarType.Float64 => Precision.Float64,
                _ => throw new ArgumentException(
                    $"A model runs in float32, bfloat16 or float64, not in {type.ToString().ToLowerInvariant()}."
                ),
            },
        };
}
