using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using Cmsa.Dsl.Graphs;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa explain MODEL</c>: how a model is rewritten before it runs.</summary>
public static class ExplainCommand
{
    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = ModelArgument.Create();
        var training = new System.CommandLine.Option<bool>("--training")
        {
            Description = "As it is rewritten for training; for inference if not given.",
        };
        var why = new System.CommandLine.Option<string[]>("--why")
        {
            Description =
                "Which conditions kept a rule from being applied, in the whole model or in one layer: --why \"fuse bias\" res3.",
            HelpName = "RULE [PATH]",
            Arity = new ArgumentArity(1, 2),
            AllowMultipleArgumentsPerToken = true,
        };
        var bind = Asked.Bind("Which inputs are bound, in turn; the first if not given, and none where there is one alone.");
        var command = new Command(
            "explain",
            "Shows, rule by rule, how a model is rewritten before it runs: the law, where it was applied, and what it is worth. "
                + "Example: cmsa explain Cmsa.Paper"
        )
        {
            model,
            training,
            why,
            bind,
        };
        var sizing = new Sizing(command);
        command.SetAction(line =>
            Application.Print(
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from inputs in sizing.Of(line, entry)
                from graph in entry.Layer.At(inputs).ToEither().MapLeft(errors => ModelArgument.Misfit(entry, errors))
                from lines in Lines(graph, line.GetValue(why) ?? [], [.. line.GetValue(bind) ?? []], line.GetValue(training))
                select lines.Map(text => new Line(text))
            )
        );
        return command;
    }

    private static Either<Error, Many<string>> Lines(Graph graph, string[] why, Many<string> bound, bool training) =>
        why switch
        {
            [] => Stages(graph, bound, training).Map(stages => Explanation.Of(graph, training).Lines() + stages),
            [var rule, .. var path] => Refusals
                .Of(graph, rule, path.Length == 0 ? None : Some(path[0]), training)
                .Map(refusals => refusals.Lines()),
        };

    private static Either<Error, Many<string>> Stages(Graph graph, Many<string> bound, bool training) =>
        bound.IsEmpty && graph.Inputs.Count < 2
            ? (Many<string>)[]
            : StageTable.Of(graph, bound, training).Map(table => (Many<string>)["", .. table.Lines()]);
}
