using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa check FILE.json</c>: everything in a model that does not fit.</summary>
public static class CheckCommand
{
    /// <summary>The exit code where something does not fit.</summary>
    public const int Wrong = 1;

    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = ModelArgument.Create("FILE");
        var command = new Command(
            "check",
            "Works out every size of a model and lists all that does not fit, a line each: path, found, "
                + "expected, hint. Exits with 0 where all fits, 1 where not, 2 where the file is no model. Example: "
                + "cmsa check model.json --size 320x320 --words 20"
        )
        {
            model,
        };
        var sizing = new Sizing(command);
        command.SetAction(line =>
            Application.Exit(
                Read(own, line.GetRequiredValue(model))
                    .Bind(read =>
                        read.Match(
                            Right: entry =>
                                sizing
                                    .Of(line, entry)
                                    .Map(inputs =>
                                        entry
                                            .Layer.At(inputs)
                                            .Match(
                                                Succ: graph =>
                                                    OfAnotherSize(inputs, graph.Output, entry.Layer.Out)
                                                        .Match(
                                                            Some: error => Report([$"{error}"]),
                                                            None: () =>
                                                                Fits(entry, inputs, graph.Output, entry.Layer.Out)
                                                        ),
                                                Fail: errors => Report([.. errors.Select(e => $"{e}")])
                                            )
                                    ),
                            Left: errors => Right<Error, int>(NoModel(errors))
                        )
                    )
            )
        );
        return command;
    }

    private static Either<Error, Either<Many<Error>, Entry>> Read(Many<Entry> own, string model) =>
        ModelArgument.IsFile(model)
            ? ModelArgument.Read(model)
            : ModelArgument.Find(own, model).Map(Right<Many<Error>, Entry>);

    // One line each, as of what does not fit.
    private static int NoModel(Many<Error> errors)
    {
        foreach (var error in errors)
            Terminal.Complain($"cmsa: {error}");
        return Application.Unusable;
    }

    // A mask is a mask of its picture.
    private static LanguageExt.Option<Error> OfAnotherSize(InputSpec inputs, Signal output, Kind kind)
    {
        if (kind is not Kind.Tensor(nameof(Mask), _) || Sizing.Picture(inputs).Case is not Shape picture)
            return None;
        var mask = output.Node.Shape;
        return mask[Axis.Row] == picture[Axis.Row] && mask[Axis.Column] == picture[Axis.Column]
            ? None
            : Error.Misfit(
                $"a mask of {mask[Axis.Row]}x{mask[Axis.Column]} pixels",
                $"{picture[Axis.Row]}x{picture[Axis.Column]}, as the picture",
                $"end the model with Upsample({picture[Axis.Row]}), or give the size it was made for with --size"
            );
    }

    private static int Fits(Entry entry, InputSpec inputs, Signal output, Kind kind)
    {
        Terminal.Write([
            new(
                $"{entry.Name} fits: {inputs} gives {kind} {string.Join(", ", output.Nodes.Map(v => v.Shape))}",
                Look.Added
            ),
        ]);
        return Application.Done;
    }

    private static int Report(Many<string> errors)
    {
        Terminal.Write(errors.Map(e => new Line(e, Look.Removed)));
        return Wrong;
    }
}
