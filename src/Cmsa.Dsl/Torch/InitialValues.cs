using System.Text;
using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>Parameters before training, drawn from a seed and the parameter's own path.</summary>
internal static class InitialValues
{
    public static Tensor Of(Parameter parameter, ulong seed)
    {
        var sizes = parameter.Of.Dimensions.Map(d => (long)d.Size).ToArray();
        using var generator = new Generator(Hash(parameter.Path, seed));
        var kernel = (double)parameter.Of[Axis.KernelRow] * parameter.Of[Axis.KernelColumn];
        var (fanIn, fanOut) = (parameter.Of[Axis.In] * kernel, parameter.Of[Axis.Out] * kernel);
        return parameter.Initializer switch
        {
            Initializer.Fill(var number) => torch.full(sizes, Scalars.Of(number)),
            Initializer.Uniform(var bound) => Uniform(bound),
            Initializer.Normal(var deviation) => Normal(deviation),
            Initializer.Xavier => Uniform(Math.Sqrt(6 / (fanIn + fanOut))),
            Initializer.He => Normal(Math.Sqrt(2 / fanOut)),
            _ => throw new NotSupportedException(
                $"{parameter.Initializer} is no start that the TorchSharp target knows."
            ),
        };

        Tensor Uniform(double bound)
        {
            using var drawn = torch.rand(sizes, generator: generator);
            return drawn.mul(Scalars.Of(2 * bound)).sub(Scalars.Of(bound));
        }
        Tensor Normal(double deviation)
        {
            using var drawn = torch.randn(sizes, generator: generator);
            return drawn.mul(Scalars.Of(deviation));
        }
    }

    // FNV-1a, since a string's own hash differs from run to run.
    private static ulong Hash(string path, ulong seed) =>
        Encoding
            .UTF8.GetBytes(path)
            .Aggregate(
                14695981039346656037UL ^ (seed * 0x9E3779B97F4A7C15UL),
                (hash, b) => (hash ^ b) * 1099511628211UL
            );
}
