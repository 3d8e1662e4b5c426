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
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                from read in Read(own, line.GetRequiredValue(model))
                from listing in read.Match(
                    Right: entry => sizing.Of(line, entry).Map(inputs => Of(entry, inputs)),
                    Left: errors => Right<Error, Listing>(Of(line.GetRequiredValue(model), errors))
                )
                select listing
            )
        );
        return command;
    }

    private static Listing Of(Entry entry, InputSpec inputs) =>
        entry
            .Layer.At(inputs)
            .Match(
                Succ: graph =>
                    OfAnotherSize(inputs, graph.Output, entry.Layer.Out)
                        .Match(
                            Some: error => Misfits(entry, inputs, [error]),
                            None: () => Fits(entry, inputs, graph.Output, entry.Layer.Out)
                        ),
                Fail: errors => Misfits(entry, inputs, [.. errors])
            );

    private static Either<Error, Either<Many<Error>, Entry>> Read(Many<Entry> own, string model) =>
        ModelArgument.IsFile(model)
            ? ModelArgument.Read(model)
            : ModelArgument.Find(own, model).Map(Right<Many<Error>, Entry>);

    // One line each, as of what does not fit.
    private static Listing Of(string file, Many<Error> errors) =>
        new(
            () =>
            {
                foreach (var error in errors)
                    Terminal.Complain($"cmsa: {error}");
                return [];
            },
            () => Json(file, "", false, "", errors),
            Application.Unusable
        );

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

    private static Listing Fits(Entry entry, InputSpec inputs, Signal output, Kind kind)
    {
        var given = $"{kind} {string.Join(", ", output.Nodes.Map(v => v.Shape))}";
        return new(
            () => [new($"{entry.Name} fits: {inputs} gives {given}", Look.Added)],
            () => Json(entry.Name, $"{inputs}", true, given, [])
        );
    }

    private static Listing Misfits(Entry entry, InputSpec inputs, Many<Error> errors) =>
        new(
            () => errors.Map(e => new Line($"{e}", Look.Removed)),
            () => Json(entry.Name, $"{inputs}", false, "", errors),
            Wrong
        );

    private static object Json(string model, string inputs, bool fits, string output, Many<Error> errors) =>
        new
        {
            Model = model,
            Inputs = inputs,
            Fits = fits,
            Output = output,
            Errors = errors.Select(Listing.Of),
        };
}
