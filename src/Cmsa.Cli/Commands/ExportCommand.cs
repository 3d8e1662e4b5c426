using System.CommandLine;
using Cmsa.Dsl;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>
/// <c>cmsa export MODEL -o FILE</c>: a model as JSON, to be edited and read back, or with its weights as an ONNX model.
/// </summary>
public static class ExportCommand
{
    private const string ToJson = "json";
    private const string ToOnnx = "onnx";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = ModelArgument.Create();
        model.Arity = ArgumentArity.ZeroOrOne;
        model.Description += " With --weights RUN it may be left out: it is the run's model then.";
        var format = new System.CommandLine.Option<string?>("--format")
        {
            Description = "json or onnx; unless it is given, the file's ending decides.",
            HelpName = "FORMAT",
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The file to write.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command(
            "export",
            "Writes a model as JSON, which every command reads back, or as an ONNX model that any ONNX runtime runs. "
                + "Example: cmsa export Cmsa.Paper -o paper.json, or cmsa export --weights runs/1f0c4a2b9e-paper-small -o model.onnx"
        )
        {
            model,
            format,
            output,
        };
        var onnx = new OnnxExporting(command);
        command.SetAction(line =>
            Asked.Exit(
                from said in Format(line.GetValue(format), line.GetRequiredValue(output))
                from written in said == ToOnnx
                    ? onnx.Write(line, line.GetValue(model), line.GetRequiredValue(output))
                    : Json(line.GetValue(model), line.GetRequiredValue(output), onnx.Given(line))
                select Told(written)
            )
        );
        return command;
    }

    private static Either<Error, string> Format(string? said, string output)
    {
        var isOnnx = output.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        var format = (said ?? (isOnnx ? ToOnnx : ToJson)).ToLowerInvariant();
        Many<string> formats = [ToJson, ToOnnx];
        return formats.Contains(format)
            ? format
            : new Error($"there is no format {said}", "--format", $"there are {string.Join(" and ", formats)}");
    }

    private static Either<Error, Many<Line>> Json(string? model, string output, Many<string> onnxAlone)
    {
        if (!onnxAlone.IsEmpty)
            return new Error("a JSON file has no weights", onnxAlone.Head, "leave it out, or give --format onnx");
        if (model is null)
            return new Error("no model is named", "MODEL", "give a name that 'cmsa list' shows, or a JSON file");
        return (
            from entry in ModelArgument.Find(model)
            from path in Files.Write(output, Dsl.Json.Write(entry.Layer))
            select (Many<Line>)[new($"{entry.Name} written to {path}")]
        ).MapLeft(sentence => new Error(sentence.TrimEnd('.')));
    }

    private static int Told(Many<Line> lines)
    {
        Terminal.Write(lines);
        return Application.Done;
    }
}
