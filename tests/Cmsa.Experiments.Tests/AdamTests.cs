using System.Text.Json;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Tests;

/// <summary>
/// Five steps of the optimiser against Adam written out in doubles, and against PyTorch's (Fixtures/adam_oracle.py).
/// </summary>
public class AdamTests
{
    private const int Steps = 5;

    // Numbers at which each term matters: a decay and a clip that are felt, a rate that warms up and falls.
    private static readonly Training training = new(
        Iterations: Steps,
        LearningRate: 0.05,
        FinalRate: 0.01,
        Power: 0.9,
        Warmup: 3,
        WeightDecay: 0.1,
        BiasRate: 2,
        ClipNorm: 1
    );

    private static Compiled Module(Precision precision = Precision.Float64)
    {
        var model = Conv(2, 3) >> BatchNorm() >> GlobalAverage >> Linear<Vector>(3).Named("fc");
        var module = model
            .Compile(InputSpec.FeatureMap(2, 3, 3), new(Precision: precision, Training: true))
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        using var off = no_grad();
        foreach (var (path, tensor) in Learnt(module))
            tensor.copy_(Start(path, tensor.shape));
        return module;
    }

    private static IEnumerable<(string Path, Tensor Tensor)> Learnt(Compiled module) =>
        module.Tensors.Where(t => t.Tensor.requires_grad).Select(t => (t.Parameter.Path, t.Tensor));

    private static Tensor Start(string path, long[] shape) => Drawn.Uniform(path, shape, map: u => 2 * u - 1);

    // Every second gradient is short enough not to be clipped; the first element is so small that epsilon decides.
    private static double[] Gradient(int step, string path, long[] shape)
    {
        var size = step % 2 == 0 ? 1 : 0.05;
        using var drawn = Drawn.Uniform($"gradient {step} {path}", shape, map: u => (2 * u - 1) * size);
        var numbers = drawn.data<double>().ToArray();
        numbers[0] *= 1e-7;
        return numbers;
    }

    /// <summary>The module's parameters after each of the steps.</summary>
    private static Dictionary<string, double[]>[] Found(Compiled module, Training training)
    {
        using var scope = NewDisposeScope();
        using var adam = new Adam(module, training);
        return
        [
            .. Enumerable
                .Range(0, Steps)
                .Select(step =>
                {
                    module.zero_grad();
                    // The gradient of a sum of products with numbers is those numbers.
                    foreach (var (path, tensor) in Learnt(module))
                        tensor
                            .mul(torch.tensor(Gradient(step, path, tensor.shape), tensor.shape).to(tensor.dtype))
                            .sum()
                            .backward();
                    adam.Step(step, training.RateAt(step));
                    return Learnt(module).ToDictionary(t => t.Path, t => Doubles(t.Tensor));
                }),
        ];
    }

    private static double[] Doubles(Tensor tensor) => tensor.detach().to(ScalarType.Float64).data<double>().ToArray();

    /// <summary>Adam of Kingma and Ba, algorithm 1, on plain numbers.</summary>
    private static Dictionary<string, double[]>[] ByHand(Compiled module)
    {
        using var scope = NewDisposeScope();
        var sizes = Learnt(module).ToDictionary(t => t.Path, t => t.Tensor.shape);
        var theta = sizes.ToDictionary(s => s.Key, s => Doubles(Start(s.Key, s.Value)));
        var m = theta.ToDictionary(t => t.Key, t => new double[t.Value.Length]);
        var v = theta.ToDictionary(t => t.Key, t => new double[t.Value.Length]);
        var after = new Dictionary<string, double[]>[Steps];
        for (var t = 1; t <= Steps; t++)
        {
            var gradients = sizes.ToDictionary(s => s.Key, s => Gradient(t - 1, s.Key, s.Value));
            var length = Math.Sqrt(gradients.Values.Sum(g => g.Sum(x => x * x)));
            var clipped = length > 1 ? 1 / length : 1;
            var rate = (0.04 * Math.Pow(1 - (t - 1) / 5.0, 0.9) + 0.01) * Math.Min(1, t / 3.0);
            foreach (var (path, values) in theta)
            {
                var pace = path.EndsWith("bias", StringComparison.Ordinal) ? 2 : 1;
                var decay = path == "conv.weight" ? 0.1 : 0;
                for (var i = 0; i < values.Length; i++)
                {
                    // L2: the decay is part of the gradient, after the clip, and goes through both moments.
                    var g = gradients[path][i] * clipped + decay * values[i];
                    m[path][i] = 0.9 * m[path][i] + 0.1 * g;
                    v[path][i] = 0.999 * v[path][i] + 0.001 * g * g;
                    var first = m[path][i] / (1 - Math.Pow(0.9, t));
                    var second = v[path][i] / (1 - Math.Pow(0.999, t));
                    values[i] -= rate * pace * first / (Math.Sqrt(second) + 1e-8);
                }
            }
            after[t - 1] = theta.ToDictionary(x => x.Key, x => x.Value.ToArray());
        }
        return after;
    }

    private static void Agree(
        Dictionary<string, double[]>[] expected,
        Dictionary<string, double[]>[] found,
        double close
    )
    {
        for (var step = 0; step < Steps; step++)
        {
            Assert.Equal(expected[step].Keys.Order(), found[step].Keys.Order());
            foreach (var (path, numbers) in expected[step])
                for (var i = 0; i < numbers.Length; i++)
                    Assert.True(
                        Math.Abs(numbers[i] - found[step][path][i]) <= close,
                        $"{path}[{i}] after step {step + 1}: {found[step][path][i]}, not {numbers[i]}"
                    );
        }
    }

    [Fact]
    public void Five_steps_are_Adams_by_hand()
    {
        using var module = Module();
        Agree(ByHand(module), Found(module, training), 1e-13);
    }

    [Fact]
    public void Five_steps_are_PyTorchs()
    {
        var expected = JsonSerializer.Deserialize<Dictionary<string, double[]>[]>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "adam.json"))
        )!;
        using var module = Module();
        Agree(expected, Found(module, training), 1e-13);
    }

    [Fact]
    public void Five_steps_in_float32_are_the_same_but_for_rounding()
    {
        using var module = Module(Precision.Float32);
        Agree(ByHand(module), Found(module, training), 2e-6);
    }

    [Fact]
    public void What_PyTorch_computes_feels_every_term()
    {
        using var module = Module();
        var whole = ByHand(module)[^1];
        Training[] without =
        [
            training with
            {
                WeightDecay = 0,
            },
            training with
            {
                BiasRate = 1,
            },
            training with
            {
                ClipNorm = 0,
            },
            training with
            {
                Warmup = 0,
            },
            training with
            {
                Power = 1,
            },
        ];
        Assert.All(
            without,
            other =>
            {
                using var fresh = Module();
                var found = Found(fresh, other)[^1];
                Assert.Contains(whole, w => w.Value.Zip(found[w.Key], (a, b) => Math.Abs(a - b)).Max() > 1e-4);
            }
        );
    }

    [Fact]
    public void A_module_in_bfloat16_is_its_float32_master_rounded()
    {
        using var scope = NewDisposeScope();
        using var module = Module(Precision.BFloat16);
        using var adam = new Adam(module, training);
        var small = tensor(1e-3f).to(ScalarType.BFloat16);
        for (var step = 0; step < Steps; step++)
        {
            module.zero_grad();
            foreach (var (_, tensor) in Learnt(module))
                tensor.mul(small.to(tensor.dtype)).sum().backward();
            adam.Step(step, 1e-4);
        }
        var masters = adam.State.Where(s => s.Name.StartsWith("adam.master/", StringComparison.Ordinal)).ToArray();
        Assert.Contains(masters, s => s.Name == "adam.master/fc.weight");
        Assert.All(masters, s => Assert.Equal(ScalarType.Float32, s.Tensor.dtype));
        var values = Learnt(module).ToDictionary(t => t.Path, t => t.Tensor);
        foreach (var (name, master) in masters)
        {
            var path = name["adam.master/".Length..];
            Assert.Equal(Doubles(master.to(ScalarType.BFloat16)), Doubles(values[path]));
        }
        // Five steps of 1e-4 each are less than bfloat16 can say beside 1; the master has them.
        var start = Doubles(Start("fc.weight", values["fc.weight"].shape).to(ScalarType.BFloat16));
        var moved = Doubles(masters.Single(s => s.Name == "adam.master/fc.weight").Tensor);
        Assert.All(start.Zip(moved), pair => Assert.Equal(5e-4, pair.Item1 - pair.Item2, 1e-6));
    }

    [Fact]
    public void The_norm_is_that_of_all_gradients_before_they_are_clipped()
    {
        using var scope = NewDisposeScope();
        using var module = Module(Precision.Float64);
        using var adam = new Adam(module, training);
        module.zero_grad();
        foreach (var (path, tensor) in Learnt(module))
            tensor.mul(torch.tensor(Gradient(0, path, tensor.shape), tensor.shape).to(tensor.dtype)).sum().backward();
        var squares = Learnt(module).Sum(t => Gradient(0, t.Path, t.Tensor.shape).Sum(x => x * x));
        Assert.True(squares > 1);
        Assert.Equal(Math.Sqrt(squares), adam.Step(0, 0.1, isMeasured: true), 1e-9);
        using var free = new Adam(module, training with { ClipNorm = 0 });
        Assert.Equal(double.NaN, free.Step(0, 0.1));
    }

    [Fact]
    public void The_average_follows_the_weights_and_gives_them_back()
    {
        using var scope = NewDisposeScope();
        using var module = Module(Precision.Float64);
        using var adam = new Adam(module, training);
        using var average = new WeightAverage(module, adam, 0.3);
        var by = Learnt(module).ToDictionary(t => t.Path, t => Doubles(t.Tensor));
        for (var step = 0; step < 4; step++)
        {
            module.zero_grad();
            foreach (var (path, tensor) in Learnt(module))
                tensor.mul(torch.tensor(Gradient(step, path, tensor.shape), tensor.shape).to(tensor.dtype)).sum().backward();
            adam.Step(step, 0.1);
            average.Update(step);
            // By hand: 2/11, 3/12, 4/13 and then the decay.
            var kept = new[] { 2 / 11.0, 3 / 12.0, 0.3, 0.3 }[step];
            foreach (var (path, tensor) in Learnt(module))
                by[path] = [.. by[path].Zip(Doubles(tensor), (a, w) => kept * a + (1 - kept) * w)];
        }
        var own = Learnt(module).ToDictionary(t => t.Path, t => Doubles(t.Tensor));
        Assert.NotEqual(own["fc.weight"], by["fc.weight"]);
        average.In(() =>
        {
            foreach (var (path, tensor) in Learnt(module))
                Assert.All(by[path].Zip(Doubles(tensor)), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-6));
            return 0;
        });
        foreach (var (path, tensor) in Learnt(module))
            Assert.Equal(own[path], Doubles(tensor));
    }

    [Fact]
    public void What_is_fixed_does_not_move()
    {
        using var scope = NewDisposeScope();
        var model = (Conv(2, 3).Frozen() >> BatchNorm(frozen: true) >> Conv(1, 1).Named("last"));
        using var module = model
            .Compile(InputSpec.FeatureMap(2, 3, 3), new(Precision: Precision.Float64, Training: true))
            .Match(Succ: m => m, Fail: e => throw new Xunit.Sdk.XunitException($"{e}"));
        var before = module.Tensors.ToDictionary(t => t.Parameter.Path, t => Doubles(t.Tensor));
        using var adam = new Adam(module, training);
        module.Run(Drawn.Uniform("x", [2, 2, 3, 3])).sum().backward();
        adam.Step(0, 0.1);
        var moved = module.Tensors.Where(t => !before[t.Parameter.Path].SequenceEqual(Doubles(t.Tensor)));
        Assert.Equal(
            ["last.bias", "last.weight", "norm.bias", "norm.weight"],
            moved.Select(t => t.Parameter.Path).Order()
        );
    }
}
