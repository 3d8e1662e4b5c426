using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Rewriting;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

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
/// <param name="Precision">Of its real numbers.</param>
/// <param name="Training">Whether gradients are kept and dropout and batch norms train; otherwise the module is for inference alone.</param>
/// <param name="Seed">From which the parameters' start values are drawn.</param>
/// <param name="Optimise">How far the program is rewritten first.</param>
/// <param name="Probes">The probes that the module hands out beside its result.</param>
public sealed record Options(
    string Device = "cpu", Precision Precision = Precision.Float32, bool Training = false, ulong Seed = 0,
    Effort Optimise = Effort.All, Many<string> Probes = default)
{
    /// <summary>What it runs on.</summary>
    public Processor On => Device == "cpu" ? Processor.Cpu : Processor.Gpu;

    /// <summary>The type of its real numbers in TorchSharp.</summary>
    public torch.ScalarType Real => Precision switch
    {
        Precision.BFloat16 => torch.ScalarType.BFloat16,
        Precision.Float64 => torch.ScalarType.Float64,
        _ => torch.ScalarType.Float32,
    };
}

/// <summary>From a model to a module: elaborated, rewritten, compiled.</summary>
public static class Compilation
{
    extension(Layer model)
    {
        /// <summary>The model at some sizes as a TorchSharp module, or all that does not fit.</summary>
        /// <param name="extent">The sizes of the model's argument.</param>
        /// <param name="options">How; for inference on the CPU in float32 if not given.</param>
        public Validation<Error, Compiled> Compile(Extent extent, Options? options = null) =>
            Program.Of(model, extent).Bind(program => program.Compile(options ?? new()));
    }

    extension(Program program)
    {
        /// <inheritdoc cref="Compile(Layer, Extent, Options?)"/>
        public Validation<Error, Compiled> Compile(Options options) =>
            Ready(options.Device).Match(
                Some: problem => Fail<Error, Compiled>(problem.At("model")),
                None: () => program.Showing(options.Probes).Match(
                    Left: unknown => Fail<Error, Compiled>(toSeq(unknown.Map(name => Error.Misfit(
                        $"a probe {name}", $"one of {string.Join(", ", program.Probes)}", "ask for a probe that the model has").At("model")))),
                    Right: shown => Success<Error, Compiled>(new Compiled(Optimiser.Optimise(shown, options.Optimise, options.Training, options.On), options))));
    }

    /// <summary>What keeps models from running on a device; none where they can.</summary>
    public static Option<Error> Ready(string device) => Native.Problem.Map(text => Error.Misfit("no TorchSharp", "its native library", text)) ||
        (device == "cpu" ? None
        : !device.StartsWith("cuda", StringComparison.Ordinal) ? Some(Error.Misfit($"device {device}", "cpu, cuda or cuda:N", "name a device that there is"))
        : torch.cuda.is_available() ? None
        : Some(Error.Misfit($"device {device}", "a CUDA device", "build with -p:Torch=cuda on a machine with a GPU, or use cpu")));
}
