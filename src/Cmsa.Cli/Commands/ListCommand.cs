using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Models;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa list</c>: the models that have names.</summary>
public static class ListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("list", "Lists the models that have names. Example: cmsa list");
        command.SetAction(_ => Application.Print(Right<string, Many<Line>>(Lines)));
        return command;
    }

    private static Many<Line> Lines => [new($"{"model",-20}  {"argument",-44}  what it is", Look.Heading), .. Catalogue.All.Map(e => new Line($"{e.Name,-20}  {e.Extent,-44}  {e.Description}"))];
}
