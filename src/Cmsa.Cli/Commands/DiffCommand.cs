using System.CommandLine;
using Cmsa.Dsl.Display;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa diff A B</c>: what one model has in the place of what another has.</summary>
public static class DiffCommand
{
    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var (before, after) = (ModelArgument.Create("A"), ModelArgument.Create("B"));
        var command = new Command(
            "diff",
            "Says in what two models differ, a change a line; of two rows of tables all on one. Example: cmsa "
                + "diff table3/none table3/all"
        )
        {
            before,
            after,
        };
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                from a in ModelArgument.Find(own, line.GetRequiredValue(before))
                from b in ModelArgument.Find(own, line.GetRequiredValue(after))
                let changes = Difference.Between(a.Layer, b.Layer)
                select new Listing(
                    () =>
                        IsRow(a) && IsRow(b) && !changes.IsEmpty
                            ? [new(string.Join("; ", changes.Map(Said)))]
                            : Lines(changes),
                    () => Json(a, b, changes)
                )
            )
        );
        return command;
    }

    private static object Json(Entry a, Entry b, Many<Change> changes) =>
        new
        {
            Before = a.Name,
            After = b.Name,
            Changes = changes.Select(c => new
            {
                c.Path,
                Before = c.Before.Select(l => $"{l}"),
                After = c.After.Select(l => $"{l}"),
                c.Times,
            }),
        };

    // A pipe has no width that a line could exceed. Two layers share a line with their path.
    private static string Said(Change change) =>
        change.Line(Terminal.HasWidth ? Math.Max(LeastLayer, (Terminal.Width - change.Path.Length) / 2 - 4) : int.MaxValue);

    private const int LeastLayer = 30;

    private static bool IsRow(Entry model) => (Catalogue.Rows + Catalogue.SmallRows).Contains(model);

    private static Many<Line> Lines(Many<Change> changes) =>
        changes.IsEmpty
            ? [new("no difference")]
            : changes.Map(c => new Line(
                Said(c),
                c.Before.IsEmpty ? Look.Added
                    : c.After.IsEmpty ? Look.Removed
                    : Look.Plain
            ));
}
