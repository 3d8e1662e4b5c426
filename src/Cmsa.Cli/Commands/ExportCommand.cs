using System.CommandLine;
using Cmsa.Dsl;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>
/// <c>cmsa export MODEL -o FILE</c>: a model as JSON, to be edited and read back, or as PyTorch source.
/// </summary>
public static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = ModelArgument.Create();
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The file to write.",
            HelpName = "FILE",
            Required = true,
        };
        var format = new System.CommandLine.Option<string>("--format")
        {
            Description =
                "json: every command reads it back; pytorch: Python source with the model as a torch.nn.Module.",
            HelpName = "json|pytorch",
            DefaultValueFactory = _ => "json",
        };
        var asWritten = new System.CommandLine.Option<bool>("--as-written")
        {
            Description = "The model as it is written, not rewritten to run faster.",
        };
        var inference = new System.CommandLine.Option<bool>("--inference")
        {
            Description = "The model rewritten for inference: batch norms are folded, and it can no longer be trained.",
        };
        var weights = new System.CommandLine.Option<string?>("--weights")
        {
            Description =
                "Weights to write too, as .safetensors beside the file: of a run, or of a .safetensors or .pth file.",
            HelpName = "RUN",
        };
        var command = new Command(
            "export",
            "Writes a model as JSON, which every command reads back, or as PyTorch source. "
                + "Example: cmsa export Cmsa.Paper -o paper.json, or cmsa export Cmsa.Paper --format pytorch -o paper.py"
        )
        {
            model,
            output,
            format,
            asWritten,
            inference,
            weights,
        };
        var sizing = new Sizing(command);
        command.SetAction(line =>
            Application.Print(
                ModelArgument
                    .Find(line.GetRequiredValue(model))
                    .Bind(entry =>
                    {
                        var file = line.GetRequiredValue(output);
                        var (written, folded, run) = (
                            line.GetValue(asWritten),
                            line.GetValue(inference),
                            Optional(line.GetValue(weights))
                        );
                        return line.GetRequiredValue(format) switch
                        {
                            "json" when written || folded || run.IsSome => Left<string, Many<Line>>(
                                "--as-written, --inference and --weights say nothing of JSON; give --format pytorch."
                            ),
                            "json" => Files
                                .Write(file, Json.Write(entry.Layer))
                                .Map(path => (Many<Line>)[new($"{entry.Name} written to {path}")]),
                            "pytorch" => sizing
                                .Of(line, entry)
                                .Bind(inputs => new PyTorchExport(file, written, folded, run).Write(entry, inputs)),
                            var other => Left<string, Many<Line>>(
                                $"--format {other} is not known; it is json or pytorch."
                            ),
                        };
                    })
            )
        );
        return command;
    }
}
