using System.CommandLine;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa list</c>: the models that have names.</summary>
public static class ListCommand
{
    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var command = new Command("list", "Lists the models that have names. Example: cmsa list");
        command.SetAction(_ => Application.Print(Right<Error, Many<Line>>(Lines(own))));
        return command;
    }

    private static Many<Line> Lines(Many<Entry> own) =>
        [
            Listed("model", "argument", "what it is", Look.Heading),
            .. own.Map(e => Listed(e.Name, $"{e.Inputs}", e.Description)),
            .. Catalogue.All.Map(e => Listed(e.Name, $"{e.Inputs}", e.Description)),
            new(""),
            Listed(
                "row of a table",
                "argument",
                "what it is; with .small behind its name on a thin network, for a laptop",
                Look.Heading
            ),
            .. Catalogue.Rows.Map(e => Listed(e.Name, $"{e.Inputs}", e.Description)),
        ];

    private static Line Listed(string name, string argument, string description, Look look = Look.Plain) =>
        new($"{name,-20}  {argument,-44}  {description}", look);
}
