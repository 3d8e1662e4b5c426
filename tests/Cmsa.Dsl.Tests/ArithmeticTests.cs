using Cmsa.Dsl.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>The length of vectors and division, against their definitions in doubles.</summary>
public class ArithmeticTests
{
    public static TheoryData<double, Precision, OptimizationLevel> Lengths
    {
        get
        {
            var data = new TheoryData<double, Precision, OptimizationLevel>();
            foreach (var size in new[] { 1, 1e-3, 1e-5, 9e-7, 1e-8, 0 })
                foreach (var precision in new[] { Precision.Float32, Precision.Float64 })
                    foreach (var level in new[] { OptimizationLevel.AsWritten, OptimizationLevel.All })
                        data.Add(size, precision, level);
            return data;
        }
    }

    /// <summary>
    /// <c>x * rsqrt(max(sum x^2, 1e-12))</c>: a vector shorter than 1e-6 is only scaled up a million times, and one of
    /// length 0 stays 0.
    /// </summary>
    [Theory, MemberData(nameof(Lengths))]
    public void Vectors_are_scaled_to_length_1_unless_they_are_as_good_as_0(
        double size,
        Precision precision,
        OptimizationLevel level
    )
    {
        using var scope = NewDisposeScope();
        double[] x = [0.6 * size, 0, -0.8 * size];
        using var module = Normalise<Vector>()
            .Compile(InputSpec.Of<Vector>(3), new Options(Precision: precision, Optimise: level, Training: true))
            .Fits();
        var given = torch.tensor(x, [1, 3]).to(module.Context.Real).requires_grad_();
        var result = module.Run(given);
        var (close, floor) = (precision == Precision.Float32 ? 1e-6 : 1e-14, 1e-12);
        var inverse = 1 / Math.Sqrt(Math.Max(x.Sum(v => v * v), floor));
        Near(x.Select(v => v * inverse), result, close);
        // The derivative of the first component: (1 - y y') / |x| above the floor, 1e6 below it.
        result[0][0].backward();
        var y = x.Select(v => v * inverse).ToArray();
        Near(
            size * size > floor
                ? [(1 - y[0] * y[0]) * inverse, -y[0] * y[1] * inverse, -y[0] * y[2] * inverse]
                : [1e6, 0, 0],
            given.grad!,
            close * inverse
        );
    }

    private static void Near(IEnumerable<double> expected, Tensor found, double close)
    {
        var numbers = found.detach().to(ScalarType.Float64).flatten().data<double>().ToArray();
        Assert.All(expected.Zip(numbers), pair => Assert.InRange(pair.Item2 - pair.Item1, -close, close));
    }

    [Fact]
    public void Multimodal_features_of_short_vectors_are_short()
    {
        using var scope = NewDisposeScope();
        using var module = Multimodal
            .Compile(InputSpec.FeatureMap(2, 1, 1) & InputSpec.Words(1, 2), new Options(Precision: Precision.Float64))
            .Fits();
        var f = module.Run(
            torch.tensor([3e-7, 4e-7], [1, 2, 1, 1]),
            torch.tensor([0.0, 5e-3], [1, 1, 2]),
            torch.ones([1, 1], ScalarType.Bool)
        );
        Near([0.3, 0.4, 0, 1], f.flatten().slice(0, 0, 4, 1), 1e-12);
    }

    [Theory, InlineData(OptimizationLevel.AsWritten), InlineData(OptimizationLevel.All)]
    public void Division_divides(OptimizationLevel level)
    {
        double[] x = [-6, -1, 0.5, 1, 7];
        Agree(Define<Vector, Vector>(v => v / 3), v => v / 3);
        Agree(Define<Vector, Vector>(v => 3 / v), v => 3 / v);
        Agree(Define<Vector, Vector>(v => v / v), _ => 1);
        Agree(Define<Vector, Vector>(v => (v + 1) / (v * v + 2)), v => (v + 1) / (v * v + 2));
        Agree(Define<Vector, Vector>(v => v / 3 / 2), v => v / 6);
        Agree(Define<Vector, Vector>(v => v / (3.0 / 2)), v => v / 1.5);
        Agree(Define<Vector, Vector>(v => 1 - v / 4 - 2), v => -1 - v / 4);
        Agree(Elementwise<Vector>.Of(v => v / 3), v => v / 3);
        Agree(Elementwise<Vector>.Of(v => 3 / v), v => 3 / v);
        Agree(Elementwise<Vector>.Of(v => v / 3 - 1 / v), v => v / 3 - 1 / v);

        void Agree(Layer<Vector, Vector> layer, Func<double, double> expected)
        {
            using var scope = NewDisposeScope();
            foreach (var same in new[] { layer, Json.Read(Json.Write(layer)).Fits() })
            {
                using var module = ((Layer)same)
                    .Compile(InputSpec.Of<Vector>(x.Length), new Options(Precision: Precision.Float64, Optimise: level))
                    .Fits();
                Near(x.Select(expected), module.Run(torch.tensor(x, [1, x.Length])), 1e-14);
            }
        }
    }
}
