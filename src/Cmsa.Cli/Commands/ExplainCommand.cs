using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Display;
using Cmsa.Models;
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
        var training = new System.CommandLine.Option<bool>("--training") { Description = "As it is rewritten for training; for inference if not given." };
        var command = new Command("explain",
            "Shows, rule by rule, how a model is rewritten before it runs: the law, where it was applied, and what it is worth. Example: cmsa explain Cmsa.Paper") { model, training };
        var sizing = new Sizing(command);
        command.SetAction(line => Application.Print(
            from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
            from extent in sizing.Of(line, entry)
            from program in entry.Layer.At(extent).ToEither().MapLeft(errors => ModelArgument.Sentence(entry, errors))
            select Explanation.Of(program, line.GetValue(training)).Lines().Map(text => new Line(text))));
        return command;
    }
}
