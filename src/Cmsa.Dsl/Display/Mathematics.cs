using System.Globalization;
using LanguageExt;

namespace Cmsa.Dsl.Display;

/// <summary>A formula as it is printed.</summary>
internal static class Mathematics
{
    /// <summary>A stretch of a formula: what is upright, or a name, or what stands below the line.</summary>
    internal readonly record struct Piece(string Text, bool Below = false, bool Name = false);

    /// <summary>A formula of x.</summary>
    public static Many<Piece> Of(Expression formula) => Of(formula, []);

    private static Many<Piece> Of(Expression formula, Many<string> around) =>
        formula switch
        {
            Expression.Argument(var steps) =>
            [
                new("x" + string.Concat(steps.Map(s => s == 0 ? "₁" : "₂")), Name: true),
            ],
            Expression.Number(var value) => [new(value.ToString(CultureInfo.InvariantCulture))],
            Expression.Learnable(var label, _) => [new(Last(label), Name: true), new(string.Concat(around), true)],
            Expression.Call(Function.Negate, var of) => [new("−"), .. Tight(of, around)],
            Expression.Call(var function, var of) => Call($"{function}".ToLowerInvariant(), of, around),
            Expression.Plus(var left, Expression.Call(Function.Negate, var right)) =>
            [
                .. Of(left, around),
                new(" − "),
                .. Tight(right, around),
            ],
            Expression.Plus(var left, var right) => [.. Of(left, around), new(" + "), .. Of(right, around)],
            Expression.Times(var left, var right) => [.. Tight(left, around), new(" "), .. Tight(right, around)],
            Expression.Combined(var combination, var left, var right) =>
            [
                new($"{combination}".ToLowerInvariant() + "("),
                .. Of(left, around),
                new(", "),
                .. Of(right, around),
                new(")"),
            ],
            Expression.Pair(var left, var right) => [.. Of(left, around), new(", "), .. Of(right, around)],
            Expression.At(Expression.Applied({ Length: > 0 } label, _, Expression.Argument), var index) =>
            [
                new(label, Name: true),
                new(Index(index), true),
            ],
            Expression.At(var levels, var index) => [.. Of(levels, around), new(Index(index), true)],
            Expression.Named(var levels, var name) => [.. Of(levels, around), new(name, true)],
            Expression.Applied(var label, var layer, var to) => Call(
                label.Length > 0 ? label : layer.Caption.Title,
                to,
                around
            ),
            Expression.SumOver sum => Sum(sum, around),
            _ => [new("…")],
        };

    private static Many<Piece> Call(string name, Expression of, Many<string> around) =>
        [new($"{name}("), .. Of(of, around), new(")")];

    private static Many<Piece> Sum(Expression.SumOver sum, Many<string> around)
    {
        var index = Index(sum.Index);
        var except = sum.Except.Map(e => $"≠{Index(e)}").IfNone("");
        return [new("Σ"), new(index + except, true), new(" "), .. Tight(sum.Body, around.Add(index))];
    }

    /// <summary>The last segment of a path.</summary>
    public static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static Many<Piece> Tight(Expression formula, Many<string> around) =>
        formula is Expression.Plus ? [new("("), .. Of(formula, around), new(")")] : Of(formula, around);

    private static string Index(int index) => index < 18 ? ((char)('i' + index)).ToString() : $"i{index}";
}
