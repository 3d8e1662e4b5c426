using Cmsa.Dsl.Onnx.Runtime;
using Cmsa.Dsl.Testing;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>A graph in ONNX Runtime beside the same graph in our kernels.</summary>
internal static class Agreement
{
    /// <summary>
    /// How far results in a precision may differ, relative to the greatest number. In float64 ONNX Runtime itself keeps
    /// some factors in float32: a number that scales a product of matrices becomes an attribute of the product. Each
    /// such factor costs up to 6e-8 of the number, and a layer has several.
    /// </summary>
    public static double Tolerance(OnnxPrecision precision) =>
        precision switch
        {
            OnnxPrecision.Float64 => 1e-6,
            OnnxPrecision.Float16 => 2e-2,
            _ => 1e-4,
        };

    /// <summary>Whether a graph has operations for which ONNX Runtime has no kernel in float64 on the CPU.</summary>
    public static bool LacksFloat64(Graph graph) =>
        graph.Unrolled.Nodes.Exists(n =>
            n.Operation
                is Convolve
                    or ConvolveTransposed
                    or TiledConvolve
                    or PoolWindows { Reduction: Reduction.Mean }
                    or Apply
                    (Function.Erf)
        );

    /// <summary>
    /// What differs between the two, as sentences; an error where the graph is not exported or does not run.
    /// </summary>
    /// <param name="written">The graph as our kernels run it.</param>
    /// <param name="exported">The graph that is exported: the same, or rewritten.</param>
    /// <param name="arguments">Makes the arguments of a batch.</param>
    /// <param name="precision">In which the exported graph computes.</param>
    public static Either<Error, Many<string>> Between(
        Graph written,
        Graph exported,
        Func<Compiled, Tensor[]> arguments,
        OnnxPrecision precision = OnnxPrecision.Float32
    )
    {
        using var scope = NewDisposeScope();
        using var module = new Compiled(written, new Options(Precision: Precision.Float64)).WithDrawnWeights();
        var given = arguments(module);
        var expected = Named(module.RunAll(given));
        return from bytes in OnnxExport.Bytes(exported, module.NumbersOf, new OnnxOptions(precision))
               from results in Run(bytes, given)
               select Difference(results, expected, Tolerance(precision));
    }

    // As the outputs of a file are named.
    private static Dictionary<string, Tensor> Named(Output output) =>
        output
            .Parts.Map(p => (Name: p.Path.Length == 0 ? "output" : p.Path, p.Part))
            .Bind<(string Name, Tensor Tensor)>(p =>
                p.Part.Present is { } present
                    ? [(p.Name, p.Part.Of), ($"{p.Name}.present", present)]
                    : [(p.Name, p.Part.Of)]
            )
            .ToDictionary(p => p.Name, p => p.Tensor);

    private static Either<Error, Dictionary<string, Tensor>> Run(byte[] bytes, Tensor[] arguments) =>
        OnnxModel
            .Open(bytes, threads: 1)
            .Bind(model =>
            {
                using (model)
                    return model
                        .Run(arguments.ToMany())
                        .Map(results =>
                            model.Outputs.Zip(results, (o, r) => (o.Name, r)).ToDictionary(o => o.Name, o => o.r)
                        );
            });

    private static Many<string> Difference(
        Dictionary<string, Tensor> found,
        Dictionary<string, Tensor> expected,
        double close
    ) =>
        found.Keys.Order().SequenceEqual(expected.Keys.Order())
            ? expected.ToMany().Bind(e => Difference(found[e.Key], e.Value, close).Map(d => $"{e.Key}: {d}"))
            : [$"the outputs are {string.Join(", ", found.Keys)} and not {string.Join(", ", expected.Keys)}"];

    private static Many<string> Difference(Tensor found, Tensor expected, double close)
    {
        if (!found.shape.SequenceEqual(expected.shape))
            return [$"the result is [{string.Join(", ", found.shape)}] and not [{string.Join(", ", expected.shape)}]"];
        if (expected.numel() == 0)
            return [];
        if (expected.dtype == ScalarType.Bool)
            return found.ne(expected).any().item<bool>() ? ["booleans differ"] : [];
        var numbers = found.to(ScalarType.Float64);
        var distance = (numbers - expected).abs().max().item<double>();
        var scale = expected.abs().max().item<double>();
        return distance <= close * Math.Max(scale, 1e-3)
            ? []
            : [$"the result differs by {distance:g3} where the greatest number is {scale:g3}"];
    }
}
