using System.Text.Json.Nodes;
using Cmsa.Dsl.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// What PyTorch and torchvision compute (Fixtures/torch_oracle.py). Both sides fill every tensor by one formula of its
/// name and the index of its elements, so that results alone are stored.
/// </summary>
public partial class TorchOracleTests
{
    private const double Close = 1e-8;

    private static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", file)))!;

    private static JsonNode Operations(string name) => Read("operations.json")[name]!;

    private static Tensor Numbers(JsonNode node) =>
        torch.tensor(
            node["data"]!.AsArray().Select(n => n!.GetValue<double>()).ToArray(),
            [.. node["shape"]!.AsArray().Select(n => n!.GetValue<long>())]
        );

    private static int Int(JsonNode node, string name) => node[name]!.GetValue<int>();

    private static Tensor Signed(string name, params long[] sizes) => Drawn.Uniform(name, sizes) * 2 - 1;

    private static void Agree(Tensor found, JsonNode expected)
    {
        var numbers = Numbers(expected);
        Assert.Equal(numbers.shape, found.shape);
        Assert.InRange((found - numbers).abs().max().item<double>(), 0, Close);
    }

    private static Compiled Module(Layer model, InputSpec inputs, Options? options = null) =>
        model.Compile(inputs, (options ?? new Options()) with { Precision = Precision.Float64 }).Fits();

    /// <summary>A module's parameters drawn by the names that PyTorch gives them.</summary>
    private static Compiled Filled(Compiled module, Func<string, string> named)
    {
        using var mode = torch.no_grad();
        foreach (var (parameter, tensor) in module.Tensors)
        {
            var name = named(parameter.Path);
            var u = Drawn.Uniform(name, tensor.shape);
            tensor.copy_(
                tensor.dim() > 1 ? (u * 2 - 1) * Math.Sqrt(3.0 * tensor.shape[0] / tensor.numel())
                : name.EndsWith("bias", StringComparison.Ordinal)
                || name.EndsWith("running_mean", StringComparison.Ordinal)
                    ? 0.1 * (u * 2 - 1)
                : u + 0.5
            );
        }
        return module;
    }

    [Theory, InlineData("resnet18"), InlineData("resnet50"), InlineData("resnet101")]
    public void Residual_networks_have_torchvisions_parameters(string network)
    {
        var expected = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Fixtures", "resnet_names.txt"))
            .SkipWhile(line => line != network)
            .Skip(1)
            .TakeWhile(line => line.StartsWith(' '))
            .Select(line => line.Trim());
        Assert.Equal(
            expected,
            Network(network).Classifier(1000).At(InputSpec.Image(64, 64)).Fits().Parameters.Map(p => $"{p.Path} {p.Of}")
        );
    }

    [Fact]
    public void Residual_networks_have_as_many_parameters_as_they_should()
    {
        Assert.Equal(44_549_160, ResNet.Of101.Classifier(1000).At(InputSpec.Image(64, 64)).Fits().ParameterCount);
        Assert.Equal(42_500_160, ResNet.Of101.Tapped("res5").At(InputSpec.Image(64, 64)).Fits().ParameterCount);
        Assert.Equal(
            42_500_160,
            DeepLab.ResNet101("res3", "res4", "res5").At(InputSpec.Image(64, 64)).Fits().ParameterCount
        );
    }

    [Theory]
    [InlineData("resnet18", Graphs.OptimizationLevel.AsWritten)]
    [InlineData("resnet18", Graphs.OptimizationLevel.All)]
    [InlineData("resnet50", Graphs.OptimizationLevel.All)]
    [InlineData("resnet50_dilated", Graphs.OptimizationLevel.All)]
    public void Residual_networks_compute_what_torchvisions_compute(string network, Graphs.OptimizationLevel effort)
    {
        using var scope = NewDisposeScope();
        var expected = Read("resnet_numbers.json")[network]!;
        var model =
            Network(network).Tapped("res2", "res3", "res4", "res5").Probed("tap")
            >> Pick("res5")
            >> GlobalAverage
            >> Linear<Vector>(12).Named("fc");
        var module = Filled(
            Module(
                model,
                InputSpec.Image(64, 64),
                new(Optimise: effort, Probes: ["tap.res2", "tap.res3", "tap.res4", "tap.res5"])
            ),
            name => name
        );
        var outcome = module.RunShowing(Signed("input", 1, 3, 64, 64));
        Agree(outcome.Result, expected["scores"]!);
        foreach (var (level, node) in expected["levels"]!.AsObject())
        {
            var found = outcome.Probes[$"tap.{level}"];
            Assert.Equal(node!["shape"]!.AsArray().Select(n => n!.GetValue<long>()), found.shape[1..]);
            Assert.InRange(found.mean().item<double>() - node["mean"]!.GetValue<double>(), -Close, Close);
            Agree(found[0].slice(0, 0, 2, 1).slice(1, 0, 2, 1).slice(2, 0, 2, 1), node["corner"]!);
        }
    }

    private static ResNet Network(string name) =>
        name switch
        {
            "resnet18" => ResNet.Of18,
            "resnet50" => ResNet.Of50,
            "resnet50_dilated" => ResNet.Of50 with { OutputStride = 8 },
            _ => ResNet.Of101,
        };

    [Fact]
    public void A_memory_over_padded_words_is_PyTorchs_over_the_words()
    {
        using var scope = NewDisposeScope();
        var expected = Operations("lstm");
        var lengths = expected["lengths"]!.AsArray().Select(n => n!.GetValue<int>()).ToArray();
        var module = Filled(
            Module(Lstm<Words>(4), InputSpec.Words(6, 5)),
            path => path.Replace("lstm.", "", StringComparison.Ordinal) + "_l0"
        );
        var states = module.Run(
            Signed("words", 3, 6, 5),
            torch.stack([.. lengths.Select(n => torch.arange(6, ScalarType.Int64).ge(6 - n))])
        );
        foreach (var (b, length) in lengths.Index())
            Agree(states[b].narrow(0, 6 - length, length), expected["states"]![b]!);
    }

    [Fact]
    public void A_memory_at_every_place_is_one_over_the_words_of_that_place()
    {
        using var scope = NewDisposeScope();
        var maps = Filled(
            Module(Multimodal >> Lstm<WordMaps>(3), InputSpec.FeatureMap(2, 2, 3) & InputSpec.Words(4, 2)),
            path => path
        );
        var words = Filled(Module(Lstm<Words>(3), InputSpec.Words(4, 12)), path => path);
        var (v, e, present) = (Signed("v", 2, 2, 2, 3), Signed("e", 2, 4, 2), Drawn.Present(2, 4, 5));
        var (f, states) = (
            Module(Multimodal, InputSpec.FeatureMap(2, 2, 3) & InputSpec.Words(4, 2)).Run(v, e, present),
            maps.Run(v, e, present)
        );
        for (var row = 0; row < 2; row++)
            for (var column = 0; column < 3; column++)
            {
                var here = words.Run(f.select(4, column).select(3, row), present);
                Assert.InRange((states.select(4, column).select(3, row) - here).abs().max().item<double>(), 0, 1e-12);
            }
    }

    [Fact]
    public void Windows_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var c in Operations("windows").AsArray())
            foreach (var (reduction, name) in new[] { (Reduction.Max, "max"), (Reduction.Mean, "mean") })
                Agree(
                    Module(
                            new Pool(
                                reduction,
                                Int(c!, "kernel"),
                                Int(c!, "stride"),
                                Int(c!, "padding"),
                                c!["ceiling"]!.GetValue<bool>()
                            ),
                            InputSpec.FeatureMap(3, 7, 8)
                        )
                        .Run(Signed("map", 2, 3, 7, 8)),
                    c[name]!
                );
    }

    [Fact]
    public void Bins_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var c in Operations("bins").AsArray())
            foreach (var (reduction, name) in new[] { (Reduction.Max, "max"), (Reduction.Mean, "mean") })
                Agree(
                    Module(new AdaptivePool(reduction, Int(c!, "rows"), Int(c!, "columns")), InputSpec.FeatureMap(3, 7, 8))
                        .Run(Signed("map", 2, 3, 7, 8)),
                    c![name]!
                );
    }

    [Fact]
    public void Transposed_convolutions_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var c in Operations("transposed").AsArray())
            Agree(
                Filled(
                        Module(
                            ConvTranspose(2, Int(c!, "kernel"), Int(c!, "stride"), Int(c!, "padding")),
                            InputSpec.FeatureMap(3, 3, 4)
                        ),
                        Last
                    )
                    .Run(Signed("small map", 2, 3, 3, 4)),
                c!["result"]!
            );
    }

    [Fact]
    public void Convolutions_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var c in Operations("convolved").AsArray())
            Agree(
                Filled(
                        Module(
                            Conv(2, Int(c!, "kernel"), Int(c!, "stride"), Int(c!, "dilation"), Int(c!, "groups")),
                            InputSpec.FeatureMap(4, 7, 8)
                        ),
                        Last
                    )
                    .Run(Signed("even map", 2, 4, 7, 8)),
                c!["result"]!
            );
    }

    [Fact]
    public void Upsampling_is_PyTorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var c in Operations("resampled").AsArray())
            Agree(
                Module(Resize(Int(c!, "rows"), Int(c!, "columns")), InputSpec.FeatureMap(3, 3, 4))
                    .Run(Signed("small map", 2, 3, 3, 4)),
                c!["result"]!
            );
    }

    [Fact]
    public void A_batch_norm_in_training_is_PyTorchs_and_keeps_its_statistics()
    {
        using var scope = NewDisposeScope();
        var expected = Operations("norm");
        var module = Filled(Module(BatchNorm(), InputSpec.FeatureMap(3, 7, 8), new(Training: true)), Last);
        var result = module.Run(Signed("map", 2, 3, 7, 8));
        Agree(result.narrow(2, 0, 2).narrow(3, 0, 2), expected["result"]!);
        foreach (var name in new[] { "running_mean", "running_var" })
            Agree(module.Tensors.Single(t => t.Parameter.Path == $"norm.{name}").Tensor, expected[name]!);
    }

    [Fact]
    public void A_fixed_batch_norm_leaves_its_statistics()
    {
        using var scope = NewDisposeScope();
        var module = Filled(Module(BatchNorm(frozen: true), InputSpec.FeatureMap(3, 7, 8), new(Training: true)), Last);
        var before = module.Tensors.Select(t => t.Tensor.clone()).ToList();
        module.Run(Signed("map", 2, 3, 7, 8));
        Assert.All(
            module.Tensors.Zip(before, (now, then) => now.Tensor - then),
            difference => Assert.Equal(0, difference.abs().max().item<double>())
        );
    }

    private static string Last(string path) => path.Split('.')[^1];
}
