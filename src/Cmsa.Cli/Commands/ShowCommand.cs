using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using Cmsa.Dsl.Graphs;
using Cmsa.Models;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa show MODEL</c>: a model as a table of its layers, with sizes and costs.</summary>
public static class ShowCommand
{
    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = ModelArgument.Create();
        var depth = new System.CommandLine.Option<int>("--depth")
        {
            Description = "How deep the table goes: 1 is the parts of the model, 2 their parts.",
            HelpName = "N",
            DefaultValueFactory = _ => 2,
        };
        var bind = Asked.Bind(
            "Shows as well what the optimised model computes when these inputs are bound, in turn, and what at each run."
        );
        var command = new Command(
            "show",
            "Shows the layers of a model with their sizes and costs. Example: cmsa show Cmsa.Paper --depth 1 "
                + "--size 320x320 --words 20"
        )
        {
            model,
            depth,
            bind,
        };
        var sizing = new Sizing(command);
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from extent in sizing.Of(line, entry)
                from deep in line.GetValue(depth) is > 0 and var given
                    ? Right<Error, int>(given)
                    : new Error($"{line.GetValue(depth)} is no depth", "--depth", "write 1 or more")
                from table in LayerTable
                    .Of(entry.Layer, extent)
                    .ToEither()
                    .MapLeft(errors => ModelArgument.Misfit(entry, errors))
                from graph in entry.Layer.At(extent).ToEither().MapLeft(errors => ModelArgument.Misfit(entry, errors))
                from stages in BoundStages.Of(graph, [.. line.GetValue(bind) ?? []])
                select new Listing(
                    () => Lines(table, deep) + BoundStages.Lines(stages),
                    () => Json(entry.Name, extent, table, deep, stages)
                )
            )
        );
        return command;
    }

    private static string Said(Kind kind, Signal signal) =>
        $"{kind} {string.Join(", ", signal.Nodes.Map(node => node.Shape))}";

    private static object Json(
        string model,
        InputSpec inputs,
        LayerTable table,
        int depth,
        LanguageExt.Option<StageTable> stages
    ) =>
        new
        {
            Model = model,
            Inputs = $"{inputs}",
            Layers = table
                .Rows(depth)
                .Select(r => new
                {
                    r.Row.Path,
                    r.Depth,
                    Layer = $"{r.Row.Layer}",
                    In = Said(r.Row.Layer.In, r.Row.Input),
                    Out = Said(r.Row.Layer.Out, r.Row.Output),
                    r.Row.Cost.Parameters,
                    r.Row.Cost.MultiplyAdds,
                    r.Row.Cost.Bytes,
                }),
            Total = new
            {
                table.Model.Cost.Parameters,
                table.Trained,
                table.Model.Cost.MultiplyAdds,
                table.Model.Cost.Bytes,
                PeakBytes = table.Peak,
            },
            Optimized = new
            {
                table.Optimized.MultiplyAdds,
                PeakBytes = table.Optimized.Peak,
                KeptBytes = table.Optimized.Kept,
            },
            Stages = BoundStages.Json(stages),
        };

    private static Many<Line> Lines(LayerTable table, int depth)
    {
        var open = table.Rows(depth).Map(r => r.Depth < depth && !r.Row.Rows.IsEmpty);
        return table
            .Lines(depth, Terminal.Width)
            .Select(
                (text, i) =>
                    new Line(
                        text,
                        i == 0 || i == open.Count + 3 ? Look.Heading
                            : text.StartsWith('─') || i > open.Count + 3 ? Look.Quiet
                            : open[i - 2] ? Look.Heading
                            : Look.Plain
                    )
            )
            .ToMany();
    }
}
