using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
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
        var bind = Asked.Bind("Shows as well what the optimised model computes when these inputs are bound, in turn, and what at each run.");
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
        command.SetAction(line =>
            Application.Print(
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from extent in sizing.Of(line, entry)
                from deep in line.GetValue(depth) is > 0 and var given
                    ? Right<Error, int>(given)
                    : new Error($"{line.GetValue(depth)} is no depth", "--depth", "write 1 or more")
                from table in LayerTable
                    .Of(entry.Layer, extent)
                    .ToEither()
                    .MapLeft(errors => ModelArgument.Misfit(entry, errors))
                from stages in Stages(entry, extent, [.. line.GetValue(bind) ?? []])
                select Lines(table, deep) + stages
            )
        );
        return command;
    }

    private static Either<Error, Many<Line>> Stages(Entry entry, InputSpec inputs, Many<string> bound) =>
        bound.IsEmpty
            ? Right<Error, Many<Line>>([])
            : entry
                .Layer.At(inputs)
                .ToEither()
                .MapLeft(errors => ModelArgument.Misfit(entry, errors))
                .Bind(graph => StageTable.Of(graph, bound))
                .Map(table => (Many<Line>)[new(""), .. table.Lines().Map(text => new Line(text))]);

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
