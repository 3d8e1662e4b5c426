using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Models;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa export MODEL -o FILE.json</c>: a model as JSON, to be edited and read back.</summary>
public static class ExportCommand
{
    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = ModelArgument.Create();
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The JSON file to write.",
            HelpName = "FILE.json",
            Required = true,
        };
        var command = new Command(
            "export",
            "Writes a model as JSON, which every command reads back. Example: cmsa export Cmsa.Paper -o paper.json"
        )
        {
            model,
            output,
        };
        command.SetAction(line =>
            Application.Print(
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from path in Files.Write(line.GetRequiredValue(output), Json.Write(entry.Layer))
                select (Many<Line>)[new($"{entry.Name} written to {path}")]
            )
        );
        return command;
    }
}
