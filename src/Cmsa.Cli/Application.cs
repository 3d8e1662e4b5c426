using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Cmsa.Cli.Commands;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using Cmsa.Models.Catalogues;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli;

/// <summary>The command <c>cmsa</c>: its commands, and what becomes of what they give.</summary>
public static class Application
{
    /// <summary>The exit code of a command that did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>
    /// The exit code of a command that was given what it cannot use; one line on the error stream says what.
    /// </summary>
    public const int Unusable = 2;

    /// <summary>All commands, in the order of the help.</summary>
    public static Many<Command> Commands => CommandsFor([], Preset.All, PaperTables.All, "table");

    /// <summary>All commands, for some models of this program, some that can be trained and some tables.</summary>
    private static Many<Command> CommandsFor(
        Many<Entry> own,
        Many<Preset> recipes,
        Many<Table> tables,
        LanguageExt.Option<string> words
    ) =>
        [
            ListCommand.Create(own),
            ShowCommand.Create(own),
            DiffCommand.Create(own),
            DrawCommand.Create(own),
            CheckCommand.Create(own),
            ExportCommand.Create(own),
            ExplainCommand.Create(own),
            BenchCommand.Create(own),
            TrainCommand.Create(recipes),
            EvalCommand.Create(),
            PredictCommand.Create(),
            FeaturesCommand.Create(),
            ServeCommand.Create(),
            ReportCommand.Create(),
            RunsCommand.Create(),
            DataCommand.Create(),
            TableCommand.Create(tables, words),
            CompletionCommand.Create(),
        ];

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">What stands after <c>cmsa</c>.</param>
    /// <returns>The exit code: <see cref="Done"/>, <see cref="Unusable"/>, or what the command gave.</returns>
    public static int Run(params string[] arguments) => Run(arguments, [], Preset.All, PaperTables.All, "table");

    /// <summary>
    /// Runs a command line of a program that has models of its own, which the commands then train, evaluate and show:
    /// <c>return Application.Run(args, ("my-model", MyModel(sizes), sizes));</c>
    /// </summary>
    /// <param name="arguments">What stands after the program's name.</param>
    /// <param name="models">
    /// The models, each with its name and its sizes; the first is the one that <c>train</c> takes unless it is told
    /// another.
    /// </param>
    public static int Run(
        string[] arguments,
        params (string Name, Layer<(Image, Tokens), Mask> Model, Sizes Sizes)[] models
    ) =>
        Run(
            arguments,
            [.. models.Select(m => new Entry(m.Name, "a model of this program", m.Model, m.Sizes.Inputs))],
            [.. models.Select(m => Preset.Of(m.Name, m.Model, m.Sizes)), .. Preset.All],
            PaperTables.All,
            "table"
        );

    /// <summary>
    /// Runs a command line of a program that is about a table of its own, with the options of <c>cmsa table</c>;
    /// without any it shows the table and runs nothing: <c>return Application.Run(args, myTable);</c>
    /// </summary>
    /// <param name="arguments">What stands after the program's name.</param>
    /// <param name="table">The table.</param>
    public static int Run(string[] arguments, Table table) =>
        Run(
            ["table", $"{table.Number}", .. arguments.Length == 0 ? ["--no-run"] : arguments],
            [],
            Preset.All,
            [table],
            LanguageExt.Option<string>.None
        );

    /// <summary>
    /// Runs a command line of a program that trains a model of any kinds by its own data and loss: <c>train</c>,
    /// <c>eval</c> and <c>report</c>. <c>return Application.Run(args, Learner.Of("u-net", model, inputs, data, loss,
    /// training));</c>
    /// </summary>
    /// <param name="arguments">What stands after the program's name.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="show">
    /// Shows a sample in the report: the index in the validation's split, and the model's result for it, of a batch of one.
    /// </param>
    public static int Run<A, B, T>(
        string[] arguments,
        Learner<A, B, T> learner,
        Func<int, Output, Shown>? show = null
    )
    {
        Memory.Keep();
        var root = new RootCommand($"Trains {learner.Name} on {learner.Data.Name}, measures it and reports on it.");
        var quiet = Terminal.QuietOption();
        root.Options.Add(quiet);
        foreach (var command in LearnerCommands.Of(learner, show))
            root.Subcommands.Add(command);
        return CheckedOutput.During(() =>
            Guarded(() =>
            {
                var line = root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
                Terminal.IsQuiet = line.GetValue(quiet);
                return line.Errors is [var error, ..]
                    ? Failed(new(error.Message.TrimEnd('.'), Hint: $"try '{Named(line)}--help'"))
                    : Invoked(line);
            })
        );
    }

    private static int Run(
        string[] arguments,
        Many<Entry> own,
        Many<Preset> recipes,
        Many<Table> tables,
        LanguageExt.Option<string> words
    )
    {
        Memory.Keep();
        return CheckedOutput.During(() => Guarded(() => Parsed(arguments, own, recipes, tables, words)));
    }

    private static int Parsed(
        string[] arguments,
        Many<Entry> own,
        Many<Preset> recipes,
        Many<Table> tables,
        LanguageExt.Option<string> words
    )
    {
        var (assembly, quiet) = (OwnLayers.Option(), Terminal.QuietOption());
        var root = new RootCommand(
            "Neural networks as values: shows, compares, draws, checks and trains the models of the "
                + "catalogue, those in JSON files, and your own."
        );
        root.Options.Add(assembly);
        root.Options.Add(quiet);
        foreach (var command in CommandsFor(own, recipes, tables, words))
            root.Subcommands.Add(command);
        OptionValues.Check(root);
        Completions.AddTo(root, own, recipes, tables);
        // An expression or a photograph may begin with @.
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var line = root.Parse(arguments.Length == 0 ? ["--help"] : arguments, parsing);
        // A shell asks what could come next, of a line that is not finished.
        if (root.Directives.OfType<SuggestDirective>().Choose(d => Optional(line.GetResult(d))).HeadOrNone().Case is DirectiveResult asked)
            return Suggested(root, asked.Values, arguments[^1], parsing);
        if (line is { CommandResult.Command: RootCommand, UnmatchedTokens: [var unknown, ..] })
            return Failed(NoCommand(unknown));
        Terminal.IsQuiet = line.GetValue(quiet) || Listing.IsAsked(line);
        return line.Errors is [var error, ..]
            ? Failed(new(error.Message.TrimEnd('.'), Hint: $"try 'cmsa {Named(line)}--help'"))
            : OwnLayers.Load(line.GetValue(assembly) ?? []).Match(Left: Failed, Right: _ => Invoked(line));
    }

    private static int Suggested(RootCommand root, IEnumerable<string> at, string typed, ParserConfiguration parsing)
    {
        foreach (var word in Completions.Of(root, at.FirstOrDefault(), typed, parsing))
            Console.Out.WriteLine(word);
        return Done;
    }

    private static Error NoCommand(string unknown)
    {
        var names = Commands.Map(c => c.Name);
        var near = Nearest.Hint(unknown, names);
        return new(
            $"there is no command {unknown}",
            Hint: near.Length == 0 ? $"there is {string.Join(", ", names)}" : near
        );
    }

    private static int Invoked(ParseResult line)
    {
        var plain = new InvocationConfiguration
        {
            Output = Console.Out,
            Error = Console.Error,
            EnableDefaultExceptionHandler = false,
        };
        return line.Invoke(plain);
    }

    private static int Guarded(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (ElaborationException thrown)
        {
            return Failed(new(thrown.Message));
        }
        catch (OutputException full)
        {
            return Failed(
                new(
                    $"standard output cannot be written: {full.Message.TrimEnd('.')}",
                    Hint: "free the disk it goes to, or send it elsewhere"
                )
            );
        }
        catch (Exception bug)
        {
            // As the library's own handler does, which would take the exceptions above too.
            if (bug is not OperationCanceledException)
                Console.Error.WriteLine($"Unhandled exception: {bug}");
            return 1;
        }
    }

    /// <summary>The exit code of what a command did; what kept it from doing it goes to the error stream.</summary>
    public static int Exit(Either<Error, int> outcome) => outcome.Match(Left: Failed, Right: code => code);

    /// <summary>The exit code of what a command has to say, which goes to the output.</summary>
    public static int Print(Either<Error, Many<Line>> outcome) =>
        Exit(
            outcome.Map(lines =>
            {
                Terminal.Write(lines);
                return Done;
            })
        );

    private static int Failed(Error error)
    {
        Terminal.Complain($"cmsa: {error}");
        return Unusable;
    }

    private static string Named(ParseResult line) =>
        line.CommandResult.Command is RootCommand ? "" : $"{line.CommandResult.Command.Name} ";
}
