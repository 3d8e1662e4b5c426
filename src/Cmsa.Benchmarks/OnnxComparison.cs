using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx;
using Cmsa.Dsl.Onnx.Runtime;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Benchmarks;

/// <summary>A model in ONNX Runtime beside the same model in TorchSharp, in one process, run in turns.</summary>
/// <param name="Bytes">The size of the ONNX file.</param>
/// <param name="Difference">How far the results differ at most, relative to the greatest number.</param>
/// <param name="Ours">The times of the compiled module.</param>
/// <param name="Theirs">The times of ONNX Runtime.</param>
public sealed record OnnxComparison(long Bytes, double Difference, Times Ours, Times Theirs)
{
    /// <summary>ONNX Runtime's shortest time as a multiple of ours.</summary>
    public double Ratio => Theirs.Least / Ours.Least;

    /// <summary>Exports a model, optimised and in float32, with drawn weights, and runs both on one sample.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The sizes of its argument.</param>
    /// <param name="runs">How many times each runs.</param>
    public static Either<Error, OnnxComparison> Of(Layer model, InputSpec inputs, int runs)
    {
        var folder = Directory.CreateTempSubdirectory("cmsa-onnx");
        try
        {
            var file = Path.Combine(folder.FullName, "model.onnx");
            return from graph in model.At(inputs).ToEither().MapLeft(errors => errors.Head)
                   from module in graph.Compile(new()).ToEither().MapLeft(errors => errors.Head)
                   from compared in Of(graph, module.WithDrawnWeights(), file, runs)
                   select compared;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Either<Error, OnnxComparison> Of(Graph graph, Compiled module, string file, int runs)
    {
        using (module)
        {
            var optimized = GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false, Processor.Gpu);
            return from written in OnnxExport.Write(optimized, module.NumbersOf, file, new())
                   from theirs in OnnxModel.Open(file, get_num_threads())
                   from compared in InTurns(module, theirs, written.Bytes, runs)
                   select compared;
        }
    }

    private static Either<Error, OnnxComparison> InTurns(Compiled ours, OnnxModel theirs, long bytes, int runs)
    {
        using var scope = NewDisposeScope();
        using var model = theirs;
        var arguments = ours.DrawnArguments(1);
        // The first run of each prepares weights and memory.
        var expected = ours.RunAll(arguments).Values;
        return theirs
            .Run([.. arguments])
            .Map(results =>
            {
                var values = model
                    .Outputs.Zip(results, (port, tensor) => (port.Type, Tensor: tensor))
                    .Filter(o => o.Type != ScalarType.Bool);
                var difference = values.Zip(expected, (found, of) => Differing(found.Tensor, of)).Max();
                var (mine, other) = (new List<TimeSpan>(), new List<TimeSpan>());
                for (var i = 0; i < runs; i++)
                {
                    using var each = NewDisposeScope();
                    mine.Add(Times.Once(() => ours.RunAll(arguments)));
                    other.Add(Times.Once(() => theirs.Run([.. arguments])));
                }
                return new OnnxComparison(bytes, difference, new([.. mine.Order()]), new([.. other.Order()]));
            });
    }

    private static double Differing(Tensor found, Tensor expected) =>
        (found - expected).abs().max().item<float>() / expected.abs().max().item<float>();
}
