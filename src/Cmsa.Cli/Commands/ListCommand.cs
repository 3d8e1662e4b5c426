using System.CommandLine;
using Cmsa.Models.Catalogues;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa list</c>: the models that have names.</summary>
public static class ListCommand
{
    private const int LeastDescription = 24;

    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var command = new Command("list", "Lists the models that have names. Example: cmsa list");
        Listing.AddTo(command);
        command.SetAction(line => Listing.Print(line, new Listing(() => Lines(own), () => Json(own))));
        return command;
    }

    private static object Json(Many<Entry> own) =>
        new
        {
            Models = own.Map(e => (Entry: e, Kind: "own"))
                .Concat(Catalogue.All.Map(e => (Entry: e, Kind: "catalogue")))
                .Concat((Catalogue.Rows + Catalogue.SmallRows).Map(e => (Entry: e, Kind: "row")))
                .Select(m => new
                {
                    m.Entry.Name,
                    m.Kind,
                    Inputs = $"{m.Entry.Inputs}",
                    m.Entry.Description,
                }),
        };

    private static Many<Line> Lines(Many<Entry> own) =>
        [
            Listed("model", "argument", "what it is", Look.Heading),
            .. (own + Catalogue.All).Bind(Lines),
            new(""),
            Listed(
                "row of a table",
                "argument",
                "what it is; with .small behind its name on a thin network, for a laptop",
                Look.Heading
            ),
            .. Catalogue.Rows.Bind(Lines),
        ];

    // A description that is too long for the terminal goes on in the next line.
    private static Many<Line> Lines(Entry entry)
    {
        var room = Terminal.HasWidth ? Math.Max(LeastDescription, Terminal.Width - Listed("", "", "").Text.Length) : int.MaxValue;
        var parts = Wrapped(entry.Description, room);
        return
        [
            Listed(entry.Name, $"{entry.Inputs}", parts.Head),
            .. parts.Tail.Map(more => Listed("", "", more)),
        ];
    }

    private static Many<string> Wrapped(string text, int room) =>
        text.Split(' ')
            .Aggregate(
                (Many<string>)[""],
                (lines, word) =>
                    lines[^1].Length == 0 ? [.. lines.Take(lines.Count - 1), word]
                    : lines[^1].Length + 1 + word.Length <= room ? [.. lines.Take(lines.Count - 1), $"{lines[^1]} {word}"]
                    : lines.Add(word)
            );

    private static Line Listed(string name, string argument, string description, Look look = Look.Plain) =>
        new($"{name,-20}  {argument,-44}  {description}", look);
}
