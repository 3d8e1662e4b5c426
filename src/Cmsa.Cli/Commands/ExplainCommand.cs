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
        var bind = Asked.Bind(
            "Which inputs are bound, in turn; the first if not given, and none where there is one alone."
        );
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
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from inputs in sizing.Of(line, entry)
                from graph in entry.Layer.At(inputs).ToEither().MapLeft(errors => ModelArgument.Misfit(entry, errors))
                from listing in Listed(
                    entry.Name,
                    graph,
                    line.GetValue(why) ?? [],
                    [.. line.GetValue(bind) ?? []],
                    line.GetValue(training)
                )
                select listing
            )
        );
        return command;
    }

    private static Either<Error, Listing> Listed(
        string model,
        Graph graph,
        string[] why,
        Many<string> bound,
        bool training
    )
    {
        if (why is [var rule, .. var path])
            return Refusals
                .Of(graph, rule, path.Length == 0 ? None : Some(path[0]), training)
                .Map(refusals => new Listing(
                    () => refusals.Lines().Map(text => new Line(text)),
                    () => Json(model, refusals)
                ));
        // The first of several inputs unless it is said otherwise.
        var first = graph.Inputs.Count < 2 ? [] : graph.Inputs.Take(1).Map(input => input.Name);
        return BoundStages
            .Of(graph, bound.IsEmpty ? first : bound, training)
            .Map(stages =>
            {
                var explained = Explanation.Of(graph, training);
                return new Listing(
                    () => explained.Lines().Map(text => new Line(text)) + BoundStages.Lines(stages),
                    () => Json(model, explained, stages)
                );
            });
    }

    private static object Json(string model, Explanation explained, LanguageExt.Option<StageTable> stages) =>
        new
        {
            Model = model,
            explained.Training,
            Written = Cost(explained.Written, explained.Training),
            Optimized = Cost(explained.Optimized, explained.Training),
            Rules = explained.Effects.Select(e => new
            {
                e.Rule.Name,
                Law = string.Join('\n', e.Rule.Law.Lines),
                e.Times,
                At = e.Applied.Select(a => new { a.Path, a.Times }),
                Without = new { MultiplyAdds = e.MultiplyAddsWithout, PeakBytes = e.PeakWithout },
            }),
            Stages = BoundStages.Json(stages),
        };

    private static object Json(string model, Refusals refusals) =>
        new
        {
            Model = model,
            Rule = refusals.Rule.Name,
            Law = string.Join('\n', refusals.Rule.Law.Lines),
            At = refusals.Applied.Select(a => new { a.Path, a.Times }),
            Refused = refusals.Refused.Select(r => new { r.Reason, r.Path }),
        };

    private static object Cost(Graph graph, bool training) =>
        new
        {
            MultiplyAdds = graph.MultiplyAdds - (training ? 0 : graph.WorkOnWeights),
            PeakBytes = ExecutionPlan.Of(graph).Peak,
        };
}
