using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>The ONNX side of <c>cmsa export</c>, and its options.</summary>
internal sealed class OnnxExporting
{
    private readonly System.CommandLine.Option<OnnxPrecision> precision = new("--precision")
    {
        Description = "ONNX: Float32, Float64 or Float16, of weights and results; inputs stay float32 in Float16.",
        HelpName = "PRECISION",
    };
    private readonly System.CommandLine.Option<bool> beside = new("--weights-beside")
    {
        Description = "ONNX: the weights go to FILE.data beside the model, as they do where they exceed 2 GB.",
    };
    private readonly System.CommandLine.Option<string?> weights;
    private readonly System.CommandLine.Option<bool> asWritten;
    private readonly Sizing sizing;
    private readonly Many<Entry> own;

    /// <summary>Adds its own options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="own">The models of this program.</param>
    /// <param name="weights">The run whose weights go into the file.</param>
    /// <param name="asWritten">Whether the model is exported as written.</param>
    /// <param name="sizing">The sizes of the model's argument.</param>
    public OnnxExporting(
        Command command,
        Many<Entry> own,
        System.CommandLine.Option<string?> weights,
        System.CommandLine.Option<bool> asWritten,
        Sizing sizing
    )
    {
        (this.own, this.weights, this.asWritten, this.sizing) = (own, weights, asWritten, sizing);
        command.Options.Add(precision);
        command.Options.Add(beside);
    }

    private System.CommandLine.Option[] Options => [precision, beside];

    /// <summary>Which of the options a command line gives.</summary>
    public Many<string> Given(ParseResult line) =>
        Options.Where(o => line.GetResult(o) is { Implicit: false }).Select(o => o.Name).ToMany();

    /// <summary>Exports what a command line names.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="model">The model, where it is named.</param>
    /// <param name="output">The file.</param>
    public Either<Error, Many<Line>> Write(ParseResult line, string? model, string output) =>
        from source in Source(line, model)
        from file in Write(source, output, OptionsOf(line, source), line.GetValue(asWritten))
        select Lines(source, file, line.GetValue(asWritten));

    /// <summary>Exports a run's model for a runtime that answers with it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="output">The file.</param>
    /// <param name="asWritten">Whether it is exported as written.</param>
    public static Either<Error, OnnxFile> Write(RunFolder run, string output, bool asWritten)
    {
        var source = Of(run);
        return Write(source, output, Described(new OnnxOptions(), source, asWritten), asWritten);
    }

    /// <summary>What is exported.</summary>
    /// <param name="Entry">The model, with the sizes of its argument.</param>
    /// <param name="Run">The run that gives the weights; without one they are those before training.</param>
    private sealed record Exported(Entry Entry, LanguageExt.Option<RunFolder> Run);

    private static Exported Of(RunFolder run)
    {
        var experiment = run.Experiment;
        return new(new(experiment.Name, "", experiment.Model, experiment.Inputs), run);
    }

    private Either<Error, Exported> Source(ParseResult line, string? model)
    {
        var named = Optional(model).Map(m => ModelArgument.Find(own, m));
        var run = Optional(line.GetValue(weights)).Map(Asked.Find);
        return (named.Case, run.Case) switch
        {
            (null, null) => new Error("no model is named", "MODEL", "give a model, or a run with --weights RUN"),
            (null, Either<Error, RunFolder> of) => of.Map(Of).Bind(source => Sized(line, source)),
            (Either<Error, Entry> entry, null) => entry.Bind(e => Sized(line, new(e, None))),
            (Either<Error, Entry> entry, Either<Error, RunFolder> of) => entry.Bind(e =>
                of.Bind(run => Sized(line, new(e with { Inputs = run.Experiment.Inputs }, run)))
            ),
            _ => throw new InvalidOperationException(),
        };
    }

    private Either<Error, Exported> Sized(ParseResult line, Exported source) =>
        sizing.Of(line, source.Entry).Map(inputs => source with { Entry = source.Entry with { Inputs = inputs } });

    private OnnxOptions OptionsOf(ParseResult line, Exported source)
    {
        var options = new OnnxOptions(line.GetValue(precision), line.GetValue(beside));
        return Described(options, source, line.GetValue(asWritten));
    }

    private static OnnxOptions Described(OnnxOptions options, Exported source, bool asWritten)
    {
        var (entry, pixels) = (source.Entry, source.Run.Map(r => r.Experiment.Pixels));
        Many<(string Key, string Text)> metadata =
        [
            (OnnxMetadata.Model, Json.Write(entry.Layer)),
            (OnnxMetadata.Form, asWritten ? "as written" : "optimised"),
            .. source.Run.Map(r => (OnnxMetadata.Vocabulary, $"{r.Vocabulary}")).ToMany(),
            .. pixels.Map(p => (OnnxMetadata.Pixels, $"{p}")).ToMany(),
            .. source
                .Run.Map(r => r.Experiment.Training.Protocol)
                .Filter(protocol => protocol != Protocol.Clean)
                .Map(protocol => (OnnxMetadata.Protocol, protocol.Json))
                .ToMany(),
        ];
        var image = pixels
            .Map(p => $"a picture, letterboxed, {p.Formula}")
            .IfNone("a picture, scaled as the backbone expects");
        return options with
        {
            Name = entry.Name,
            Description = entry.Description,
            Output = entry.Layer.Out is Kind.Tensor(var kind, _)
                ? char.ToLowerInvariant(kind[0]) + kind[1..]
                : "output",
            Metadata = toHashMap(metadata),
            Descriptions = HashMap(("image", image)),
        };
    }

    private static Either<Error, OnnxFile> Write(Exported source, string output, OnnxOptions options, bool asWritten) =>
        from written in source
            .Entry.Layer.At(source.Entry.Inputs)
            .ToEither()
            .MapLeft(errors => ModelArgument.Misfit(source.Entry, errors))
        from folder in Folder(output)
        from module in Module(source)
        from file in Write(written, module, output, options, asWritten)
        select file;

    private static Either<Error, OnnxFile> Write(
        Graph written,
        Compiled module,
        string output,
        OnnxOptions options,
        bool asWritten
    )
    {
        using (module)
        {
            var level = asWritten ? OptimizationLevel.AsWritten : OptimizationLevel.All;
            // Tiles and layouts in memory are the runtime's business.
            var graph = GraphOptimizer.Optimize(written, level, training: false, Processor.Gpu);
            return OnnxExport.Write(graph, module.NumbersOf, output, options);
        }
    }

    private static Either<Error, Compiled> Module(Exported source)
    {
        var options = new Options(Optimise: OptimizationLevel.AsWritten);
        return source.Run.Match(
            Some: run => run.Model(options),
            None: () =>
                source
                    .Entry.Layer.Compile(source.Entry.Inputs, options)
                    .ToEither()
                    .MapLeft(errors => ModelArgument.Misfit(source.Entry, errors))
        );
    }

    private static Either<Error, string> Folder(string output)
    {
        if (output.Length == 0)
            return new Error("no file is named", "--output", "give the path of an .onnx file");
        var full = Path.GetFullPath(output);
        return Failures.Try(full, () => Directory.CreateDirectory(Path.GetDirectoryName(full) ?? full).FullName);
    }

    private static Many<Line> Lines(Exported source, OnnxFile file, bool asWritten)
    {
        var size = (file.Bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
        var form = asWritten ? "as written" : "optimised";
        return
        [
            new(
                $"{source.Entry.Name} written to {Path.GetFullPath(file.Path)}: {size} MB, {file.Nodes} operators, {form}"
            ),
            .. file.Data.Map(data => new Line($"weights in {Path.GetFullPath(data)}", Look.Quiet)).ToMany(),
            .. source.Run.IsNone
                ? [new Line("its weights are those before training; give a run with --weights RUN", Look.Removed)]
                : (Many<Line>)[],
            .. file.Unneeded.IsEmpty
                ? (Many<Line>)[]
                : [new Line($"not needed and left out: {string.Join(", ", file.Unneeded)}", Look.Quiet)],
        ];
    }
}
