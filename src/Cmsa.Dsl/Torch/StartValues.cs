using System.Text;
using Cmsa.Dsl.Programs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>Parameters before training, drawn from a seed and the parameter's own path.</summary>
internal static class StartValues
{
    public static Tensor Of(Parameter parameter, ulong seed)
    {
        var sizes = parameter.Of.Dimensions.Map(d => (long)d.Size).ToArray();
        using var generator = new Generator(Hash(parameter.Path, seed));
        var kernel = (double)parameter.Of[Axis.KernelRow] * parameter.Of[Axis.KernelColumn];
        var (fanIn, fanOut) = (parameter.Of[Axis.In] * kernel, parameter.Of[Axis.Out] * kernel);
        return parameter.Start switch
        {
            Start.Fill(var number) => Full(number),
            Start.Uniform(var bound) => Uniform(bound),
            Start.Normal(var deviation) => Normal(deviation),
            Start.Xavier => Uniform(Math.Sqrt(6 / (fanIn + fanOut))),
            Start.He => Normal(Math.Sqrt(2 / fanOut)),
            _ => throw new NotSupportedException($"{parameter.Start} is no start that the TorchSharp target knows."),
        };

        // Every number is held until the function that it was given to is done (see Held).
        Tensor Full(double number) { using TorchSharp.Scalar held = number; return torch.full(sizes, held); }
        Tensor Uniform(double bound) { using TorchSharp.Scalar width = 2 * bound, half = bound; return torch.rand(sizes, generator: generator).mul(width).sub(half); }
        Tensor Normal(double deviation) { using TorchSharp.Scalar held = deviation; return torch.randn(sizes, generator: generator).mul(held); }
    }

    // FNV-1a, since a string's own hash differs from run to run.
    private static ulong Hash(string path, ulong seed) =>
        Encoding.UTF8.GetBytes(path).Aggregate(14695981039346656037UL ^ (seed * 0x9E3779B97F4A7C15UL), (hash, b) => (hash ^ b) * 1099511628211UL);
}
