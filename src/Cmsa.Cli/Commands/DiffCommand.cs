using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa diff A B</c>: what one model has in the place of what another has.</summary>
public static class DiffCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (before, after) = (ModelArgument.Create("A"), ModelArgument.Create("B"));
        var command = new Command("diff", "Says in what two models differ, a change a line. Example: cmsa diff Cmsa.Paper Cmsa.Released") { before, after };
        command.SetAction(line => Application.Print(
            from a in ModelArgument.Find(line.GetRequiredValue(before))
            from b in ModelArgument.Find(line.GetRequiredValue(after))
            select Lines(Difference.Between(a.Layer, b.Layer))));
        return command;
    }

    private static Many<Line> Lines(Many<Change> changes) => changes.IsEmpty
        ? [new("no difference")]
        : changes.Map(c => new Line($"{c}", c.Before.IsNone ? Look.Added : c.After.IsNone ? Look.Removed : Look.Plain));
}
