using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>What is true of every layer that is exported.</summary>
public static class OnnxLaws
{
    private const string Law = "ONNX Runtime computes what our kernels compute";

    /// <summary>
    /// A layer in ONNX Runtime computes what it computes in our kernels, as written and optimised: in float64 where the
    /// runtime has the kernels.
    /// </summary>
    public static Verdict OnnxAgrees<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        layer
            .At(inputs)
            .Match(
                Succ: graph => OnnxAgrees(graph, module => module.DrawnArguments(3, seed)),
                Fail: errors => new Verdict(Law, [$"{layer} does not fit {inputs}: {errors.Head}"])
            );

    /// <summary>The same of a graph.</summary>
    internal static Verdict OnnxAgrees(Graph graph, Func<Compiled, TorchSharp.torch.Tensor[]> arguments)
    {
        Many<OptimizationLevel> levels = [OptimizationLevel.AsWritten, OptimizationLevel.Fused, OptimizationLevel.All];
        var broken = levels.Bind(level =>
        {
            var exported = GraphOptimizer.Optimize(graph, level, training: false, Processor.Gpu);
            var precision = Agreement.LacksFloat64(exported) ? OnnxPrecision.Float32 : OnnxPrecision.Float64;
            return Agreement
                .Between(graph, exported, arguments, precision)
                .Match(
                    Left: error => [$"{level}: {error}"],
                    Right: differences => differences.Map(d => $"{level}: {d}")
                );
        });
        return new(Law, broken);
    }
}
