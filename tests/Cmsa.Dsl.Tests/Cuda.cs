using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>A test that needs a GPU; where there is none it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() =>
        Skip = Native.Problem.MatchUnsafe(
            Some: problem => problem,
            None: () =>
                torch.cuda.is_available() ? null : "no CUDA device here, or libtorch without CUDA (-p:Torch=cuda)"
        );
}

/// <summary>On a GPU a model computes what it computes on the CPU.</summary>
public class CudaTests
{
    private static readonly Sizes tiny = new(
        ResNet.Of18 with
        {
            Width = 4,
            OutputStride = 8,
        },
        Image: 32,
        Words: 4,
        Vocabulary: 9,
        WordChannels: 5,
        Attention: 4,
        FusedChannels: 4,
        FixedBackbone: false
    );

    private static Compiled Module(Options options) =>
        Paper.Model(tiny).Compile(tiny.Inputs, options).Fits().WithDrawnWeights(1);

    [CudaFact]
    public void Inference_agrees_in_float64() => Agree(new(Precision: Precision.Float64), 1e-9);

    [CudaFact]
    public void Inference_agrees_in_float32() => Agree(new(), 1e-3);

    [CudaFact]
    public void Inference_agrees_as_written() =>
        Agree(new(Precision: Precision.Float64, Optimise: Graphs.OptimizationLevel.AsWritten), 1e-9);

    [CudaFact]
    public void Gradients_agree()
    {
        using var scope = NewDisposeScope();
        var (here, there) = (Gradients("cpu"), Gradients("cuda"));
        Assert.Equal(here.Keys, there.Keys);
        Assert.All(
            here,
            g =>
                Assert.InRange(
                    (g.Value - there[g.Key]).abs().max().item<double>(),
                    0,
                    1e-8 * (1 + g.Value.abs().max().item<double>())
                )
        );

        static Dictionary<string, Tensor> Gradients(string device)
        {
            var module = Module(new(device, Precision.Float64, Training: true));
            module.eval();
            module.Run(module.DrawnArguments()).square().mean().backward();
            return module
                .named_parameters()
                .Where(p => p.parameter.grad is not null)
                .ToDictionary(p => p.name, p => p.parameter.grad!.cpu());
        }
    }

    [CudaFact]
    public void A_memory_and_pooled_attention_agree()
    {
        using var scope = NewDisposeScope();
        var model = Conv(3, 3) * Lstm<Words>(3) >> Multimodal >> Residual(PooledAttention(2)) >> WordMax;
        var (here, there) = (Run("cpu"), Run("cuda"));
        Assert.InRange((here - there).abs().max().item<double>(), 0, 1e-9);

        Tensor Run(string device)
        {
            var module = model
                .Compile(InputSpec.FeatureMap(2, 4, 4) & InputSpec.Words(5, 3), new Options(device, Precision.Float64))
                .Fits()
                .WithDrawnWeights();
            return module.Run(module.DrawnArguments()).cpu();
        }
    }

    // A stage that was undone and run again has trained once.
    [CudaFact]
    public void Statistics_are_gathered_once_where_a_softmax_falls_back()
    {
        using var scope = NewDisposeScope();
        var (here, there) = (Trained("cpu"), Trained("cuda"));
        Assert.NotEmpty(here);
        Assert.All(here, s => Assert.InRange((s.Value - there[s.Key]).abs().max().item<double>(), 0, 1e-9));

        static Dictionary<string, Tensor> Trained(string device)
        {
            var options = new Options(device, Precision.Float64, Training: true);
            var module = Paper.Model(tiny with { FixedBackbone = false }).Compile(tiny.Inputs, options).Fits();
            module.WithDrawnWeights(1);
            // Logits far apart, so that the factors underflow.
            using (no_grad())
                foreach (var (parameter, tensor) in module.Tensors)
                    if (parameter.Path.Contains("attention", StringComparison.Ordinal))
                        tensor.mul_(1000);
            var fallen = Kernels.FallBacks;
            module.Run(module.DrawnArguments()).Dispose();
            Assert.True(Kernels.FallBacks > fallen);
            return module
                .Tensors.Where(t => t.Parameter.Role == Role.Statistic)
                .ToDictionary(t => t.Parameter.Path, t => t.Tensor.cpu());
        }
    }

    private static void Agree(Options options, double close)
    {
        using var scope = NewDisposeScope();
        var (here, there) = (Module(options), Module(options with { Device = "cuda" }));
        var found = there.Run(there.DrawnArguments()).cpu().to(ScalarType.Float64);
        var expected = here.Run(here.DrawnArguments()).to(ScalarType.Float64);
        Assert.InRange(
            (found - expected).abs().max().item<double>(),
            0,
            close * (1 + expected.abs().max().item<double>())
        );
    }
}
