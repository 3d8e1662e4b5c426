using Cmsa.Models.Tables;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// Whole models in training mode, as written against optimised: result, gradients, the statistics that batch norms
/// gather, and what the model answers with them afterwards. Alone, since dropout draws from the process's generator.
/// </summary>
[Collection(nameof(Alone))]
public class TrainingModeTests
{
    private const double Close = 1e-7;

    private static readonly Sizes tiny = new(
        new ResNet([1, 1, 1, 1], Bottleneck: false, Width: 4, OutputStride: 8),
        Image: 32,
        Words: 5,
        Vocabulary: 12,
        WordChannels: 8,
        Attention: 8,
        FusedChannels: 8,
        FixedBackbone: false
    );

    private static readonly ResNet thin = new([1, 2, 1, 1], Bottleneck: true, Width: 3);

    private static readonly Dictionary<string, (Layer Model, InputSpec Inputs)> models = new()
    {
        ["paper"] = (Paper.Model(tiny), tiny.Inputs),
        ["paper, fixed backbone"] = (Paper.Model(tiny with { FixedBackbone = true }), tiny.Inputs),
        ["released"] = (Released.Model(tiny), tiny.Inputs),
        ["residual network"] = (thin.Classifier(5), InputSpec.Image(64, 64)),
        ["residual network of Caffe"] = (
            (thin with { Variant = ResNetVariant.Caffe, OutputStride = 8 }).Classifier(5),
            InputSpec.Image(64, 64)
        ),
        ["dropout"] = (
            Conv(4, 3, bias: false) >> BatchNorm() >> Relu >> Dropout(0.3) >> Conv(3, 3) >> BatchNorm() >> Dropout(0.5),
            InputSpec.FeatureMap(3, 6, 5)
        ),
    };

    private static readonly Dictionary<string, Layer> rows = PaperTables
        .All.Bind(table =>
            table.Rows.Bind(row => row.Model.ToMany().Map(model => ($"{table.Number}/{row.Key}", (Layer)model(tiny))))
        )
        .ToDictionary(r => r.Item1, r => r.Item2);

    public static TheoryData<string> Models => [.. models.Keys];

    public static TheoryData<string> Rows => [.. rows.Keys];

    private sealed record Trained(
        Tensor Result,
        Dictionary<string, Tensor> Gradients,
        Dictionary<string, Tensor> Statistics,
        Tensor Evaluated
    );

    /// <summary>
    /// Two forward and backward passes in training mode, then one of inference. The engine adds the gradients of the
    /// passes up, or we do where they are taken apart.
    /// </summary>
    private static Trained Train(Layer model, InputSpec inputs, OptimizationLevel level, bool apart = false)
    {
        var options = new Options(Precision: Precision.Float64, Training: true, Optimise: level);
        using var module = model.Compile(inputs, options).Fits().WithDrawnWeights(1);
        var result = torch.zeros(0);
        var before = Gradients(module);
        for (var pass = 0; pass < 2; pass++)
        {
            // Dropout draws the same at every level.
            manual_seed(7 + pass);
            result = module.Run(module.DrawnArguments(2, pass));
            (result * Drawn.Uniform("cotangent", result.shape, pass, u => u * 2 - 1)).sum().backward();
            if (!apart || pass == 1)
                continue;
            before = Gradients(module);
            module.zero_grad();
        }
        var gradients = Gradients(module).ToDictionary(g => g.Key, g => g.Value + before[g.Key]);
        module.eval();
        var evaluated = module.Run(module.DrawnArguments(2, 3)).detach();
        var statistics = module
            .Tensors.Where(t => t.Parameter.Role == Role.Statistic)
            .ToDictionary(t => t.Parameter.Path, t => t.Tensor.clone());
        return new(result.detach(), gradients, statistics, evaluated);

        static Dictionary<string, Tensor> Gradients(Compiled module) =>
            module
                .Tensors.Where(t => t.Tensor.requires_grad)
                .ToDictionary(t => t.Parameter.Path, t => t.Tensor.grad?.clone() ?? torch.zeros_like(t.Tensor));
    }

    private static void Agree(Layer model, InputSpec inputs)
    {
        using var scope = NewDisposeScope();
        var written = Train(model, inputs, OptimizationLevel.AsWritten, apart: true);
        Assert.Contains(written.Gradients, g => g.Value.abs().max().item<double>() > 1e-3);
        foreach (var level in Enum.GetValues<OptimizationLevel>())
        {
            var found = Train(model, inputs, level);
            Same($"{level}: the result", written.Result, found.Result);
            Same($"{level}: the answer afterwards", written.Evaluated, found.Evaluated);
            All($"{level}: the gradient of", written.Gradients, found.Gradients);
            All($"{level}: the statistic", written.Statistics, found.Statistics);
        }

        static void All(string what, Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found)
        {
            Assert.Equal(expected.Keys.Order(), found.Keys.Order());
            foreach (var (path, tensor) in expected)
                Same($"{what} {path}", tensor, found[path]);
        }

        static void Same(string what, Tensor expected, Tensor found)
        {
            Assert.Equal(expected.shape, found.shape);
            var far = (expected - found).abs().max().item<double>();
            var size = expected.abs().max().item<double>();
            Assert.True(far <= Close * (1 + size), $"{what} differs by {far:g3} of {size:g3}");
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_model_trains_as_written(string name) => Agree(models[name].Model, models[name].Inputs);

    [Theory, MemberData(nameof(Rows))]
    public void A_row_of_the_tables_trains_as_written(string name) => Agree(rows[name], tiny.Inputs);

    /// <summary>
    /// The sum of two parameters hands both the same gradient; a further pass adds to each once. (PyTorch itself gives
    /// two leaves one memory where views such as new names of axes stand between.)
    /// </summary>
    [Fact]
    public void Parameters_that_are_added_keep_gradients_of_their_own()
    {
        using var scope = NewDisposeScope();
        var x = new Node(new Input("x", new([new(Axis.Batch, 1), new(Axis.Channel, 3)])));
        var sum = Own("a") + Own("b") + Own("c");
        using var module = new Compiled(
            Graph.Of("sum", x * sum),
            new Options(Precision: Precision.Float64, Training: true)
        );
        for (var pass = 0; pass < 3; pass++)
            module.Run(torch.tensor(new double[] { 1, 2, 4 }, [1, 3])).sum().backward();
        Assert.Equal(["a", "b", "c"], module.Tensors.Select(t => t.Parameter.Path).Order());
        Assert.All(module.Tensors, t => Assert.Equal([3, 6, 12], t.Tensor.grad!.data<double>().ToArray()));

        static Node Own(string name) =>
            new Node(new Parameter(name, new([new(Axis.In, 3)]), new Initializer.Normal(1), Role.Weight)).Rename(
                (Axis.In, Axis.Channel)
            );
    }

    [Theory, InlineData(OptimizationLevel.AsWritten), InlineData(OptimizationLevel.All)]
    public void A_batch_norm_between_convolutions_uses_the_batch_and_gathers_it(OptimizationLevel level)
    {
        using var scope = NewDisposeScope();
        var model = Conv(2, 1, bias: false) >> BatchNorm() >> Conv(1, 1).Named("last");
        var options = new Options(Precision: Precision.Float64, Training: true, Optimise: level);
        using var module = model.Compile(InputSpec.FeatureMap(1, 1, 2), options).Fits();
        using (no_grad())
            foreach (var (parameter, value) in module.Tensors)
                value.copy_(Number(parameter.Path).reshape(value.shape));
        // The first convolution gives x and 2x; mean 3 and 6, biased variance 5 and 20, unbiased 20/3 and 80/3.
        double[] x = [0, 2, 4, 6];
        var found = module.Run(torch.tensor(x, [2, 1, 1, 2])).detach().data<double>().ToArray();
        var expected = x.Select(v =>
            10 * (1.5 * (v - 3) / Math.Sqrt(5 + 1e-5) + 0.25)
            + 100 * (0.5 * (2 * v - 6) / Math.Sqrt(20 + 1e-5) - 0.25)
            + 7
        );
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-10));
        Near([0.9 * 0.5 + 0.1 * 3, 0.9 * -1 + 0.1 * 6], "norm.running_mean");
        Near([0.9 * 2 + 0.1 * 20 / 3, 0.9 * 3 + 0.1 * 80 / 3], "norm.running_var");

        void Near(double[] expected, string path)
        {
            var numbers = module.Tensors.Single(t => t.Parameter.Path == path).Tensor.data<double>().ToArray();
            Assert.All(expected.Zip(numbers), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-12));
        }

        static Tensor Number(string path) =>
            path switch
            {
                "conv.weight" => torch.tensor(new double[] { 1, 2 }),
                "norm.weight" => torch.tensor(new[] { 1.5, 0.5 }),
                "norm.bias" => torch.tensor(new[] { 0.25, -0.25 }),
                "norm.running_mean" => torch.tensor(new double[] { 0.5, -1 }),
                "norm.running_var" => torch.tensor(new double[] { 2, 3 }),
                _ when path.EndsWith("weight", StringComparison.Ordinal) => torch.tensor(new double[] { 10, 100 }),
                _ => torch.tensor(new double[] { 7 }),
            };
    }
}
