using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.PyTorch;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa export MODEL --format pytorch</c>: a model as PyTorch source, and its weights beside.</summary>
/// <param name="Output">The Python file to write; the weights stand beside it as .safetensors.</param>
/// <param name="AsWritten">Whether the model is not rewritten.</param>
/// <param name="Inference">Whether it is rewritten for inference alone.</param>
/// <param name="Weights">The run or file whose weights are written too.</param>
internal sealed record PyTorchExport(string Output, bool AsWritten, bool Inference, LanguageExt.Option<string> Weights)
{
    /// <summary>Writes the files of a model at some sizes.</summary>
    public Either<Error, Many<Line>> Write(Entry entry, InputSpec inputs) =>
        from possible in Possible()
        from graph in entry.Layer.At(inputs).ToEither().MapLeft(errors => ModelArgument.Misfit(entry, errors))
        from source in PyTorchSource
            .Write(Rewritten(graph), Described(entry))
            .ToEither()
            .MapLeft(errors => ModelArgument.Misfit(entry, errors))
        from path in Files.Write(Output, source)
        from said in Weights.Match(run => WriteWeights(graph, run, path), () => Right<Error, Many<Line>>([]))
        select (Many<Line>)[new($"{entry.Name} written to {path}"), .. said];

    private Either<Error, Unit> Possible() =>
        AsWritten && Inference
            ? new Error("batch norms are folded by rewriting", "--as-written and --inference", "give one of them")
        : !Output.EndsWith(".py", StringComparison.OrdinalIgnoreCase)
            ? new Error("the name of a Python file ends in .py", Output, "write such as -o model.py")
        : unit;

    private Graph Rewritten(Graph graph)
    {
        var level = AsWritten ? OptimizationLevel.AsWritten : OptimizationLevel.All;
        // PyTorch's libraries choose among kernels by themselves, as those of a GPU do.
        return GraphOptimizer.Optimize(graph, level, training: !Inference, Processor.Gpu);
    }

    private SourceOptions Described(Entry entry)
    {
        const string same = "the same numbers but for rounding";
        var note =
            AsWritten ? "The model as it is written."
            : Inference
                ? $"The model rewritten for inference: {same}. Batch norms are folded, so it must not be trained."
            : $"The model rewritten to run faster: {same}. It can be trained.";
        return new(entry.Name, entry.Description, [note], FoldsWeights: Inference);
    }

    private static Either<Error, Many<Line>> WriteWeights(Graph graph, string run, string source)
    {
        var target = Path.ChangeExtension(source, ".safetensors");
        var file = File.Exists(run) ? Right<Error, string>(run) : Asked.Find(run).Map(found => found.WeightsFile);
        return file.Bind(path => Converted(graph, path, target));
    }

    private static Either<Error, Many<Line>> Converted(Graph graph, string file, string target) =>
        from module in graph
            .Compile(new Options(Optimise: OptimizationLevel.AsWritten))
            .ToEither()
            .MapLeft(errors => errors.Head)
        from report in module.Load(file, strict: false)
        from complete in Complete(report, file)
        from saved in module.Save(target)
        select (Many<Line>)[new($"weights of {file} written to {target}"), .. LeftOut(report.Unexpected.Count)];

    private static Many<Line> LeftOut(int count) =>
        count == 0 ? [] : [new($"{count} tensors that the model has no place for are left out", Look.Quiet)];

    // A run's checkpoint holds more than weights; less is of another model.
    private static Either<Error, Unit> Complete(LoadReport report, string file) =>
        report.Missing.IsEmpty && report.Misshapen.IsEmpty
            ? unit
            : new Error(
                $"the weights are of another model: {report.Missing.Count} tensors are missing and "
                    + $"{report.Misshapen.Count} are of another shape, such as "
                    + report.Missing.Map(m => $"{m}").Concat(report.Misshapen.Map(m => $"{m}")).First(),
                file,
                "give the model that the run has trained"
            );
}
