using System.CommandLine;
using Cmsa.Dsl.Display;
using Cmsa.Models;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa draw MODEL -o FILE.svg</c>: a model as a picture.</summary>
public static class DrawCommand
{
    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = ModelArgument.Create();
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The SVG file to write.",
            HelpName = "FILE.svg",
            Required = true,
        };
        var title = new System.CommandLine.Option<string?>("--title")
        {
            Description = "What stands above the picture; the model's name if not given.",
            HelpName = "TEXT",
        };
        var command = new Command("draw", "Draws a model as an SVG picture. Example: cmsa draw Cmsa.Paper -o model.svg")
        {
            model,
            output,
            title,
        };
        var sizing = new Sizing(command);
        command.SetAction(line =>
            Application.Print(
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from extent in sizing.Of(line, entry)
                from picture in Drawing
                    .Svg(entry.Layer, extent, line.GetValue(title) ?? entry.Name)
                    .ToEither()
                    .MapLeft(errors => ModelArgument.Misfit(entry, errors))
                from path in Files.Write(line.GetRequiredValue(output), picture)
                select (Many<Line>)[new($"{entry.Name} drawn to {path}")]
            )
        );
        return command;
    }
}
