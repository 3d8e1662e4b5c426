using System.Text;
using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Weights and arguments drawn from a name and a seed: the numbers are the same on every machine and in every language
/// that can multiply 64-bit integers (splitmix64), so that another implementation can be given the same without a file.
/// </summary>
public static class Drawn
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    extension(Compiled module)
    {
        /// <summary>
        /// The module with every parameter and statistic drawn anew: weights that keep the size of what goes through
        /// them, biases and means near 0, gains and variances near 1. No bias is left at 0 and no gain at 1, so that a
        /// program that forgets one is found out.
        /// </summary>
        public Compiled WithDrawnWeights(int seed = 0)
        {
            using var mode = torch.no_grad();
            foreach (var (parameter, tensor) in module.Tensors)
            {
                using var drawn = Weight(parameter, seed);
                tensor.copy_(drawn);
            }
            return module;
        }

        /// <summary>
        /// A batch of arguments: one tensor for each of the program's inputs. Expressions are right-aligned, the first
        /// as long as can be and the others of any length.
        /// </summary>
        public Tensor[] DrawnArguments(int batch = 2, int seed = 0)
        {
            var vocabulary = module
                .Graph.Parameters.Filter(p => p.Role == Role.Embedding)
                .Map(p => p.Of[Axis.In])
                .DefaultIfEmpty(2)
                .Min();
            // The scope holds what is made on the way: TorchSharp does not hold a tensor while the native side reads
            // it.
            using var scope = NewDisposeScope();
            return
            [
                .. module.Graph.Inputs.Map(input =>
                    Argument(input).to(module.Context.Device).MoveToOuterDisposeScope()
                ),
            ];

            Tensor Argument(Input input)
            {
                long[] sizes = [batch, .. input.Of.Dimensions.Tail.Map(d => (long)d.Size)];
                return input.Element switch
                {
                    ElementType.Real => Uniform(input.Name, sizes, seed, u => u * 2 - 1).to(module.Context.Real),
                    ElementType.Boolean => Present(sizes[0], sizes[1], seed),
                    _ => Uniform(input.Name, sizes, seed, u => Math.Floor(u * (vocabulary - 1)) + 1)
                        .to(ScalarType.Int64)
                        .mul(Present(sizes[0], sizes[1], seed)),
                };
            }
        }
    }

    /// <summary>Numbers in [0, 1), in float64, or what a function makes of them.</summary>
    public static Tensor Uniform(string name, long[] sizes, int seed = 0, Func<double, double>? map = null)
    {
        var start = Hash(name) ^ ((ulong)seed * Golden);
        var numbers = new double[sizes.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < numbers.Length; i++)
        {
            var number = (Mix((ulong)i * Golden + start) >> 11) * (1.0 / (1UL << 53));
            numbers[i] = map is null ? number : map(number);
        }
        return torch.tensor(numbers, sizes);
    }

    /// <summary>Which words are there, true for the last ones of each sample; every sample has one at least.</summary>
    public static Tensor Present(long batch, long words, int seed = 0)
    {
        var share = Enumerable
            .Range(0, (int)batch)
            .Select(b => b == 0 ? words : 1 + (long)(Mix(Hash("length") + (ulong)(seed + b)) % (ulong)words));
        return torch.tensor(
            [.. share.SelectMany(length => Enumerable.Range(0, (int)words).Select(n => n >= words - length))],
            [batch, words]
        );
    }

    private static Tensor Weight(Parameter parameter, int seed)
    {
        var scale = Math.Sqrt(3.0 * (parameter.Of.Dimensions is [var outer, ..] ? outer.Size : 1) / parameter.Of.Count);
        Func<double, double> map =
            parameter.Of.Dimensions.Count > 1 ? u => (u * 2 - 1) * scale
            : parameter.Role == Role.Bias
            || parameter.Path.EndsWith("running_mean", StringComparison.Ordinal)
            || parameter.Path.EndsWith("bias", StringComparison.Ordinal)
                ? u => u * 0.2 - 0.1
            : u => u + 0.5;
        return Uniform(parameter.Path, [.. parameter.Of.Dimensions.Map(d => (long)d.Size)], seed, map);
    }

    private static ulong Hash(string name) =>
        Encoding.UTF8.GetBytes(name).Aggregate(14695981039346656037UL, (hash, b) => (hash ^ b) * 1099511628211UL);

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
