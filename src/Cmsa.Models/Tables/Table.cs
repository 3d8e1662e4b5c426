using Cmsa.Dsl;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Models.Tables;

/// <summary>
/// A table of the paper as a value: models to train and evaluate, with the numbers published for each.
/// </summary>
/// <param name="Number">Its number in the paper.</param>
/// <param name="Title">What it compares.</param>
/// <param name="Rows">The methods, in the paper's order.</param>
/// <param name="Columns">The splits that they are evaluated on.</param>
public sealed record Table(int Number, string Title, Many<Row> Rows, Many<Column> Columns)
{
    /// <summary>The row of a name, its own or its short one; case does not matter.</summary>
    /// <returns>The row, or an error with the names that there are.</returns>
    public Either<Error, Row> Row(string name) =>
        Rows.Find(r =>
                string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(r.Key, name, StringComparison.OrdinalIgnoreCase)
            )
            .ToEither(() =>
                new Error($"table {Number} has no row {name}", Hint: $"it has {string.Join(", ", Rows.Map(Named))}")
            );

    private static string Named(Row row) =>
        string.Equals(row.Key, row.Name, StringComparison.OrdinalIgnoreCase) ? row.Name : $"{row.Name} ({row.Key})";

    /// <summary>The rows that can be trained; the others are references.</summary>
    public Many<Row> Models => Rows.Filter(r => r.Model.IsSome);
}

/// <summary>A method in a table.</summary>
/// <param name="Name">Its name in the paper.</param>
/// <param name="Model">The method's model at some sizes; none for a method that is listed for comparison.</param>
/// <param name="Numbers">What was published for it.</param>
public sealed record Row(string Name, Option<Func<Sizes, Layer<(Image, Tokens), Mask>>> Model, Many<Published> Numbers)
{
    /// <summary>
    /// Its name for command lines and files: letters, digits and dashes; made from <see cref="Name"/> unless it is
    /// given.
    /// </summary>
    public string Key { get; init; } = Short(Name);

    /// <summary>A method with a model.</summary>
    public static Row Of(
        string name,
        Func<Sizes, Layer<(Image, Tokens), Mask>> model,
        params Many<Published> numbers
    ) => new(name, Some(model), numbers);

    /// <summary>A method with a model and a short name of its own.</summary>
    public static Row Of(
        string name,
        string key,
        Func<Sizes, Layer<(Image, Tokens), Mask>> model,
        params Many<Published> numbers
    ) => new(name, Some(model), numbers) { Key = key };

    /// <summary>A method listed for comparison.</summary>
    public static Row Reference(string name, params Many<Published> numbers) => new(name, None, numbers);

    /// <summary>The number published for a column, if there is one.</summary>
    public Option<Published> this[Column column] => Numbers.Find(n => n.Column == column);

    /// <summary>
    /// A name with letters, digits and <c>+</c> alone, in lower case, dashes between: <c>rmi-lstm</c>.
    /// </summary>
    internal static string Short(string name) =>
        string.Join(
            '-',
            string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '+' ? c : ' '))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );
}

/// <summary>A published number. It is shown beside a measured one; nothing is tested against it.</summary>
/// <param name="Column">The split that it was measured on.</param>
/// <param name="Iou">Overall IoU, in percent.</param>
/// <param name="Confirmed">Whether it was checked against a source other than memory.</param>
/// <param name="Source">Where it was published.</param>
public sealed record Published(Column Column, double Iou, bool Confirmed, string Source)
{
    /// <summary>The number with two decimals; marked with an asterisk where it is not confirmed.</summary>
    public override string ToString() => FormattableString.Invariant($"{Iou:0.00}{(Confirmed ? "" : "*")}");
}
