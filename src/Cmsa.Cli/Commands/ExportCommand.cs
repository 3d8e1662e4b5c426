using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Models;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>
/// <c>cmsa export MODEL -o FILE</c>: a model as JSON, to be edited and read back; with its weights as an ONNX model; or
/// as PyTorch source.
/// </summary>
public static class ExportCommand
{
    private const string ToJson = "json";
    private const string ToOnnx = "onnx";
    private const string ToPyTorch = "pytorch";

    private static readonly Many<(string Format, string Ending)> formats =
    [
        (ToJson, ".json"),
        (ToOnnx, ".onnx"),
        (ToPyTorch, ".py"),
    ];

    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = ModelArgument.Create();
        model.Arity = ArgumentArity.ZeroOrOne;
        model.Description += " An ONNX export with --weights RUN may leave it out: it is the run's model then.";
        var format = new System.CommandLine.Option<string?>("--format")
        {
            Description = "json, onnx or pytorch; unless it is given, the ending of the file decides.",
            HelpName = "FORMAT",
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The file to write.",
            HelpName = "FILE",
            Required = true,
        };
        var weights = new System.CommandLine.Option<string?>("--weights")
        {
            Description =
                "ONNX: the run whose weights, vocabulary and pixel normalization go into the file. "
                + "PyTorch: a run, or a .safetensors or .pth file, whose weights are written beside it.",
            HelpName = "RUN",
        };
        var asWritten = new System.CommandLine.Option<bool>("--as-written")
        {
            Description = "ONNX, PyTorch: the model as written, not optimised; it may need much more memory.",
        };
        var inference = new System.CommandLine.Option<bool>("--inference")
        {
            Description =
                "PyTorch: the model optimised for inference; batch norms are folded, and it must not be trained.",
        };
        var command = new Command(
            "export",
            "Writes a model as JSON, which every command reads back, as an ONNX model, or as PyTorch source. "
                + "Example: cmsa export Cmsa.Paper -o paper.json, cmsa export --weights runs/1f0c4a2b9e-paper-small "
                + "-o model.onnx, or cmsa export Cmsa.Paper -o paper.py"
        )
        {
            model,
            format,
            output,
            weights,
            asWritten,
            inference,
        };
        var sizing = new Sizing(command);
        var onnx = new OnnxExporting(command, own, weights, asWritten, sizing);
        command.SetAction(line =>
        {
            var (name, file) = (line.GetValue(model), line.GetRequiredValue(output));
            return Application.Exit(
                from chosen in Format(line.GetValue(format), file)
                from possible in Possible(chosen, Given(line, [weights, asWritten, inference]) + onnx.Given(line))
                from written in chosen switch
                {
                    ToOnnx => onnx.Write(line, name, file),
                    ToPyTorch => PyTorch(line, name, file),
                    _ => Json(line, name, file),
                }
                select Told(written)
            );
        });
        return command;

        Either<Error, Many<Line>> Json(ParseResult line, string? name, string file) =>
            from entry in Find(own, name)
            from inputs in sizing.Of(line, entry)
            from path in Files.Write(file, ModelFile.Write(entry.Layer, inputs))
            select (Many<Line>)[new($"{entry.Name} for {inputs} written to {path}")];

        Either<Error, Many<Line>> PyTorch(ParseResult line, string? name, string file)
        {
            var (written, folded, run) = (
                line.GetValue(asWritten),
                line.GetValue(inference),
                Optional(line.GetValue(weights))
            );
            return from entry in Find(own, name)
                   from inputs in sizing.Of(line, entry)
                   from lines in new PyTorchExport(file, written, folded, run).Write(entry, inputs)
                   select lines;
        }
    }

    private static Either<Error, string> Format(string? said, string output)
    {
        var ending = formats
            .Find(f => output.EndsWith(f.Ending, StringComparison.OrdinalIgnoreCase))
            .Map(f => f.Format);
        var format = Optional(said).Map(s => s.ToLowerInvariant()).IfNone(() => ending.IfNone(ToJson));
        return formats.Exists(f => f.Format == format)
            ? format
            : new Error(
                $"there is no format {said}",
                "--format",
                $"there are {string.Join(", ", formats.Map(f => f.Format))}"
            );
    }

    private static Many<string> Given(ParseResult line, Many<System.CommandLine.Option> options) =>
        options.Filter(o => line.GetResult(o) is { Implicit: false }).Map(o => o.Name);

    // An option that the format has no use for is an error, not ignored.
    private static Either<Error, Unit> Possible(string format, Many<string> given)
    {
        Many<string> allowed = format switch
        {
            ToOnnx => ["--weights", "--as-written", "--precision", "--weights-beside"],
            ToPyTorch => ["--weights", "--as-written", "--inference"],
            _ => [],
        };
        return given
            .Find(option => !allowed.Contains(option))
            .Match(
                option =>
                    Left<Error, Unit>(
                        new($"{format} files have no use for it", option, "leave it out, or choose another --format")
                    ),
                () => unit
            );
    }

    private static Either<Error, Entry> Find(Many<Entry> own, string? model) =>
        model is null
            ? new Error("no model is named", "MODEL", "give a name that 'cmsa list' shows, or a JSON file")
            : ModelArgument.Find(own, model);

    private static int Told(Many<Line> lines)
    {
        Terminal.Write(lines);
        return Application.Done;
    }
}
