using Cmsa.Dsl.Layers;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

public class GoldenTests
{
    private const double Close = 1e-10;
    private static readonly InputSpec head = InputSpec.FeatureMap(6, 3, 4) & InputSpec.Words(5, 5);

    private static Tensor Attention(Parameter parameter) =>
        Golden.Tensor(
            "attention_parameters",
            parameter.Path switch
            {
                "attention.query.weight" => "Wq",
                "attention.key.weight" => "Wk",
                "attention.value.weight" => "Wv",
                "attention.output.weight" => "Wo",
                "attention.query.bias" => "bq",
                "attention.key.bias" => "bk",
                "attention.value.bias" => "bv",
                "attention.output.bias" => "bo",
                var path => throw new InvalidOperationException(path),
            }
        );

    private static Tensor Head(Layer<(FeatureMap, Words), FeatureMap> model, Options options)
    {
        using var compiled = model.Compile(head, Attention, options);
        return compiled.Run(Golden.Tensor("visual"), Golden.Tensor("words"), Golden.Present(5));
    }

    public static TheoryData<AttentionScope, Graphs.OptimizationLevel> Supports
    {
        get
        {
            var data = new TheoryData<AttentionScope, Graphs.OptimizationLevel>();
            foreach (var over in Enum.GetValues<AttentionScope>())
                foreach (var effort in Enum.GetValues<Graphs.OptimizationLevel>())
                    data.Add(over, effort);
            return data;
        }
    }

    [Fact]
    public void The_multimodal_feature_is_equation_1()
    {
        using var compiled = Multimodal.Compile(head, _ => throw new InvalidOperationException("no parameters"));
        using var f = compiled.Run(Golden.Tensor("visual"), Golden.Tensor("words"), Golden.Present(5));
        for (var b = 0; b < 2; b++)
            Assert.True(
                Golden.Distance(
                    f[b].narrow(0, 5 - Golden.Lengths[b], Golden.Lengths[b]),
                    Golden.Tensor("multimodal", b)
                ) < Close
            );
    }

    [Theory, MemberData(nameof(Supports))]
    public void Attention_with_word_pooling_is_equations_2_to_4(AttentionScope over, Graphs.OptimizationLevel effort)
    {
        using var pooled = Head(
            Multimodal >> Residual(SelfAttention(4, over)) >> WordMean,
            new(Precision: Precision.Float64, Optimise: effort)
        );
        for (var b = 0; b < 2; b++)
            Assert.InRange(
                Golden.Distance(pooled[b], Golden.Tensor("pooled", over.ToString().ToLowerInvariant(), b)),
                0,
                Close
            );
    }

    [
        Theory,
        InlineData(Graphs.OptimizationLevel.AsWritten),
        InlineData(Graphs.OptimizationLevel.Fused),
        InlineData(Graphs.OptimizationLevel.All)
    ]
    public void Pooled_attention_is_the_released_graphs(Graphs.OptimizationLevel effort)
    {
        using var pooled = Head(
            Multimodal >> Residual(PooledAttention(4)) >> WordMean,
            new(Precision: Precision.Float64, Optimise: effort)
        );
        for (var b = 0; b < 2; b++)
            Assert.InRange(Golden.Distance(pooled[b], Golden.Tensor("pooled_released", b)), 0, Close);
    }

    // The released graph mixes the higher of the other levels first, and the reference lists the highest level first.
    private static readonly string[] names = ["res5", "res4", "res3"];

    private static Tensor Fuse(Layer<Levels<FeatureMap>, FeatureMap> fusion, Func<Parameter, Tensor> weights)
    {
        using var compiled = fusion.Compile(
            InputSpec.Levels([.. names.Select(n => (n, InputSpec.FeatureMap(4, 3, 4)))]),
            weights
        );
        return compiled.Run([.. Enumerable.Range(0, 3).Select(i => Golden.Tensor("levels", i).unsqueeze(0))])[0];
    }

    [Fact]
    public void Gated_fusion_is_equations_6_to_8()
    {
        using var fused = Fuse(
            Paper.GatedFusion,
            parameter =>
                parameter.Path.Split('.') switch
                {
                    ["memory", var level, "conv", "weight"] => Golden.Tensor(
                        "fusion_paper",
                        "parameters",
                        "Wm",
                        Array.IndexOf(names, level)
                    ),
                    ["memory", var level, "conv", "bias"] => Golden.Tensor(
                        "fusion_paper",
                        "parameters",
                        "bm",
                        Array.IndexOf(names, level)
                    ),
                    ["reset", var level, "conv", "weight"] => Golden.Tensor(
                        "fusion_paper",
                        "parameters",
                        "Wr",
                        Array.IndexOf(names, level)
                    ),
                    ["reset", var level, "conv", "bias"] => Golden.Tensor(
                        "fusion_paper",
                        "parameters",
                        "br",
                        Array.IndexOf(names, level)
                    ),
                    ["gamma", var i, var j] => Golden.Tensor("fusion_paper", "parameters", "gamma")[
                        Array.IndexOf(names, i),
                        Array.IndexOf(names, j)
                    ],
                    _ => throw new InvalidOperationException(parameter.Path),
                }
        );
        Assert.InRange(Golden.Distance(fused, Golden.Tensor("fusion_paper", "output")), 0, Close);
    }

    [Fact]
    public void Released_fusion_is_the_released_graphs()
    {
        using var fused = Fuse(
            Released.GatedFusion(4),
            parameter =>
                parameter.Path.Split('.') switch
                {
                    [var level, "gates", "weight"] => Golden.Tensor(
                        "fusion_released",
                        "parameters",
                        "W",
                        Array.IndexOf(names, level)
                    ),
                    [var level, "gates", "bias"] => Golden.Tensor(
                        "fusion_released",
                        "parameters",
                        "b",
                        Array.IndexOf(names, level)
                    ),
                    [var level, "mix"] => Golden.Tensor("fusion_released", "parameters", "alpha")[
                        Array.IndexOf(names, level)
                    ],
                    _ => throw new InvalidOperationException(parameter.Path),
                }
        );
        Assert.InRange(Golden.Distance(fused, Golden.Tensor("fusion_released", "output")), 0, Close);
    }
}
