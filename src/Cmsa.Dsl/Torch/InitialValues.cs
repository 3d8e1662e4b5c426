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
            Initializer.Sinusoids => Sinusoids(parameter.Of),
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

    private static Tensor Sinusoids(Shape shape)
    {
        var places = shape.Without(Axis.Channel).Dimensions;
        var (channels, width) = (shape[Axis.Channel], shape[Axis.Channel] / places.Count);
        var order = shape.Axes;
        using var parts = NewDisposeScope();
        var stretches = places.Map(place =>
        {
            var table = new double[width, place.Size];
            for (var channel = 0; channel < width; channel++)
                for (var p = 0; p < place.Size; p++)
                {
                    var angle = p / Math.Pow(10000, channel / 2 * 2 / (double)width);
                    table[channel, p] = channel % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
                }
            long Along(Axis axis) =>
                axis == Axis.Channel ? width
                : axis == place.Axis ? place.Size
                : 1;
            var channelFirst = order.IndexOf(Axis.Channel) < order.IndexOf(place.Axis);
            var drawn = torch.tensor(table, ScalarType.Float64);
            var laid = (channelFirst ? drawn : drawn.t()).reshape([.. order.Map(Along)]);
            return laid.expand([.. shape.Dimensions.Map(d => d.Axis == Axis.Channel ? (long)width : d.Size)]);
        });
        var whole = torch.cat([.. stretches], order.IndexOf(Axis.Channel));
        return whole.to(ScalarType.Float32).MoveToOuterDisposeScope();
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
