using System.CommandLine;
using Cmsa.Dsl;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli;

/// <summary>Models by what a user calls them: a name of the catalogue, or a JSON file.</summary>
public static class ModelArgument
{
    /// <summary>An argument of a command that is a model.</summary>
    public static Argument<string> Create(string name = "MODEL") =>
        new(name) { Description = "A name that 'cmsa list' shows, such as Cmsa.Paper or table3/none, or a JSON file." };

    /// <summary>The model of a name or of a file, or why there is none.</summary>
    /// <param name="own">The models of this program, which go before those of the catalogue.</param>
    /// <param name="model">The name or the file.</param>
    public static Either<Error, Entry> Find(Many<Entry> own, string model) =>
        own.Find(e => Nearest.Key(e.Name) == Nearest.Key(model)).Match(e => Right<Error, Entry>(e), () => Find(model));

    private static Either<Error, Entry> Find(string model) =>
        IsFile(model)
            ? Read(model)
                .Bind(read => read.MapLeft(errors => new Error($"it is no model: {errors.Head}{More(errors)}", model)))
            : Catalogue.Find(model);

    /// <summary>
    /// The model that a JSON file says, or all that is wrong with it; where the file cannot be read, why.
    /// </summary>
    public static Either<Error, Either<Many<Error>, Entry>> Read(string path) =>
        Files
            .Read(path)
            .Map(text =>
                ModelFile
                    .Read(text)
                    .Match(
                        Succ: file =>
                            Right<Many<Error>, Entry>(
                                new(
                                    Path.GetFileNameWithoutExtension(path),
                                    path,
                                    file.Model,
                                    file.Inputs.IfNone(() => Sizing.Default(file.Model.In))
                                )
                            ),
                        Fail: errors => Left<Many<Error>, Entry>(errors.ToMany())
                    )
            );

    /// <summary>
    /// Whether what a user wrote is meant to be a file: the names of tables' rows have a stroke in them too.
    /// </summary>
    public static bool IsFile(string model) =>
        model.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        || File.Exists(model)
        || (model.AsSpan().ContainsAny('/', '\\') && !model.StartsWith("table", StringComparison.OrdinalIgnoreCase));

    /// <summary>What does not fit as one error.</summary>
    public static Error Misfit(Entry model, IEnumerable<Error> errors)
    {
        var all = errors.ToMany();
        return new($"{model.Name} does not fit: {all.Head}{More(all)}");
    }

    private static string More(Many<Error> errors) =>
        errors.Count > 1 ? $" (and {errors.Count - 1} more, which 'cmsa check' lists)" : "";
}
