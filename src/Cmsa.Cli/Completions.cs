using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Cmsa.Backbones;
using Cmsa.Dsl.Rewriting;
using Cmsa.Experiments.Specs;
using Cmsa.Models.Catalogues;
using Cmsa.Models.Tables;

namespace Cmsa.Cli;

/// <summary>What a shell offers after the Tab key for the arguments and options of a command.</summary>
internal static class Completions
{
    private static readonly Many<string> scenes = ["scenes/unc", "scenes/unc+", "scenes/gref", "scenes/referit"];
    private static readonly Many<string> refer =
    [
        "refcoco/unc",
        "refcoco/google",
        "refcoco+/unc",
        "refcocog/umd",
        "refcocog/google",
        "refclef/berkeley",
        "refclef/unc",
    ];

    /// <summary>Gives names to every argument and option of a command, and of those below it, that takes names.</summary>
    /// <param name="root">The command.</param>
    /// <param name="own">The models of this program.</param>
    /// <param name="presets">The models that can be trained.</param>
    /// <param name="tables">The tables.</param>
    public static void AddTo(Command root, Many<Entry> own, Many<Preset> presets, Many<Table> tables)
    {
        var models = (own + Catalogue.All + Catalogue.Rows + Catalogue.SmallRows).Map(e => e.Name);
        foreach (var command in root.Subcommands)
        {
            foreach (var argument in command.Arguments)
            {
                // Otherwise help would show all that can be completed in the place of the name.
                argument.HelpName ??= argument.Name;
                Add(argument.CompletionSources, OfArgument(command.Name, argument.Name));
            }
            foreach (var option in command.Options)
                Add(option.CompletionSources, OfOption(command.Name, option.Name));
        }

        Func<IEnumerable<string>>? OfArgument(string command, string name) =>
            (command, name) switch
            {
                (_, "MODEL" or "A" or "B" or "FILE") => () => models,
                (_, "DATASET") => () => scenes + refer,
                (_, "RUN") => Runs,
                (_, "TABLE") => () => tables.Map(t => $"{t.Number}"),
                (_, "SHELL") => () => Commands.CompletionCommand.Shells,
                _ => null,
            };

        Func<IEnumerable<string>>? OfOption(string command, string name) =>
            (command, name) switch
            {
                ("train", "--model") => () => presets.Map(p => p.Name).Add(Commands.TrainCommand.Every),
                ("train" or "table", "--data") => () => scenes + refer,
                ("table", "--scale") => () => (Many<string>)["small", "paper", "torchvision", "photo"],
                ("table", "--rows") => () => tables.Bind(t => t.Models).Map(r => r.Key).Distinct(),
                ("export", "--format") => () => (Many<string>)["json", "onnx", "pytorch"],
                (_, "--why") => () => GraphOptimizer.Rules.Map(r => r.Name),
                (_, "--backbone") => () => ImageNetBackbone.All.Map(b => b.Name),
                (_, "--pixels") => () => Enum.GetNames<PixelNormalization>().Select(n => n.ToLowerInvariant()),
                (_, "--device") => () => (Many<string>)["cpu", "cuda"],
                (_, "--split") => () => (Many<string>)["train", "val", "testA", "testB", "test"],
                (_, "--weights") => Runs,
                _ => null,
            };
    }

    /// <summary>The words that could stand where the cursor is.</summary>
    /// <param name="root">The command.</param>
    /// <param name="at">How many letters of the line are before the cursor; the end where it is no such number.</param>
    /// <param name="typed">The line, with the program's name.</param>
    /// <param name="parsing">How command lines are read.</param>
    public static Many<string> Of(RootCommand root, string? at, string typed, ParserConfiguration parsing)
    {
        var isPlace = int.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var place);
        var line = typed[..(isPlace ? Math.Min(place, typed.Length) : typed.Length)];
        // The library completes "--model pa" and fails of "--model=pa".
        var last = line.LastIndexOf(' ') + 1;
        var sign = line.IndexOf('=', last);
        var spaced =
            sign >= 0 && line[last..].StartsWith("--", StringComparison.Ordinal)
                ? $"{line[..sign]} {line[(sign + 1)..]}"
                : line;
        return root.Parse(spaced, parsing).GetCompletions(spaced.Length).Select(c => c.Label).Distinct().ToMany();
    }

    private static void Add(
        List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources,
        Func<IEnumerable<string>>? names
    )
    {
        if (names is not null)
            sources.Add(_ => names().Select(name => new CompletionItem(name)));
    }

    // The folders of runs under the default folder.
    private static IEnumerable<string> Runs() =>
        Directory.Exists("runs") ? Directory.GetDirectories("runs").Order(StringComparer.Ordinal) : [];
}
