using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The kinds of formulas, for those that no compiler has checked. Tensors combine whatever their axes are, as symbols
/// do in C#; what is refused is what elaboration could give no meaning to, and a formula whose kind is not its
/// equation's.
/// </summary>
internal sealed class Inference
{
    private static readonly Kind number = new Kind.Tensor("a number", []);

    private readonly Kind argument;
    private readonly List<Error> errors = [];

    private Inference(Kind argument) => this.argument = argument;

    /// <summary>What is wrong with the body of an equation between two kinds.</summary>
    public static Many<Error> Problems(Expression body, Kind takes, Kind gives, string at)
    {
        var inference = new Inference(takes);
        inference
            .Of(body, 0, at)
            .Filter(found => !Fits(found, gives))
            .IfSome(found => inference.Wrong(at, $"the equation gives {found}", $"by its kinds it gives {gives}"));
        return inference.errors.ToMany();
    }

    /// <summary>The kind of a part of an equation; none where it has none of the language's.</summary>
    /// <param name="part">The part.</param>
    /// <param name="takes">The kind of the equation's argument.</param>
    /// <param name="sums">How many sums are around the part.</param>
    public static Option<Kind> KindOf(Expression part, Kind takes, int sums) =>
        new Inference(takes)
            .Of(part, sums, "")
            .Filter(kind => kind is not Kind.Tensor tensor || tensor.Name.All(char.IsLetterOrDigit));

    private Option<Kind> Wrong(string at, string what, string hint)
    {
        errors.Add(new(what, at, hint));
        return None;
    }

    /// <summary>
    /// Does nothing where a signal of one kind takes one of another element by element and keeps its kind: where it has
    /// all axes of the other.
    /// </summary>
    /// <exception cref="ArgumentException">The other has axes that it lacks.</exception>
    public static void Takes(Kind left, Kind right)
    {
        if (left == right || Joined(left, right).Exists(joined => Fits(joined, left)))
            return;
        var hint = Joined(right, left).Exists(joined => Fits(joined, right))
            ? $"write the {right} first: what comes out has the kind of the left side"
            : "bring both to one kind with a layer first";
        throw new ArgumentException($"A {left} combined with a {right}, which has other axes; {hint}.");
    }

    /// <summary>
    /// The kind of a formula under so many sums; none where something in it is wrong, which is then noted.
    /// </summary>
    private Option<Kind> Of(Expression expression, int sums, string at) =>
        expression switch
        {
            Expression.Argument(var steps) => steps
                .Fold(
                    (Kind: Some(argument), Index: 0),
                    (reached, step) =>
                        (reached.Kind.Bind(kind => Step(kind, step, $"{at}.steps[{reached.Index}]")), reached.Index + 1)
                )
                .Kind,
            Expression.Number or Expression.Learnable => Some(number),
            Expression.Call(_, var of) => Of(of, sums, $"{at}.of"),
            Expression.Plus(var left, var right) => Both(left, right, sums, at),
            Expression.Times(var left, var right) => Both(left, right, sums, at),
            Expression.Combined(_, var left, var right) => Both(left, right, sums, at),
            Expression.Pair(var left, var right) => Pair(Of(left, sums, $"{at}.left"), Of(right, sums, $"{at}.right")),
            Expression.Applied(_, var layer, var to) => Applied(layer, Of(to, sums, $"{at}.to"), at),
            Expression.At(var levels, var index) => At(levels, index, sums, at),
            Expression.Named(var levels, _) => Each(levels, sums, $"{at}.levels"),
            Expression.SumOver sum => Sum(sum, sums, at),
            _ => None,
        };

    private Option<Kind> At(Expression levels, int index, int sums, string at)
    {
        // Both are looked at, so that both faults are told.
        var known = Index(index, sums, $"{at}.index");
        var each = Each(levels, sums, $"{at}.levels");
        return known ? each : None;
    }

    private Option<Kind> Step(Kind kind, int step, string at) =>
        (kind, step) switch
        {
            (Kind.Pair(var first, _), 0) => first,
            (Kind.Pair(_, var second), 1) => second,
            (Kind.Pair, _) => Wrong(at, $"part {step} of a pair", "0 is the first, 1 the second"),
            _ => Wrong(at, $"part {step} of {kind}", "only pairs have parts"),
        };

    private Option<Kind> Applied(Layer layer, Option<Kind> to, string at)
    {
        to.Filter(found => !Fits(found, layer.In))
            .IfSome(found => Wrong($"{at}.to", $"{layer.Operator} is given {found}", $"it takes {layer.In}"));
        return layer.Out;
    }

    private Option<Kind> Each(Expression levels, int sums, string at) =>
        Of(levels, sums, at)
            .Bind(kind =>
                kind is Kind.Levels(var each)
                    ? Some(each)
                    : Wrong(at, $"{kind} where levels should stand", "an index names a level of Levels<...>")
            );

    private Option<Kind> Sum(Expression.SumOver sum, int sums, string at)
    {
        var levels = Each(sum.Levels, sums, $"{at}.levels");
        var except = sum.Except.Map(e => Index(e, sums, $"{at}.except")).IfNone(true);
        var index = sum.Index >= 0 && sum.Index <= sums;
        if (!index)
            Wrong(
                $"{at}.index",
                $"index {sum.Index} of a sum under {sums} sums",
                $"count indices from the outermost: this one is {sums}"
            );
        var body = Of(sum.Body, index ? sum.Index + 1 : sums + 1, $"{at}.body");
        // Where no other level is left, the sum is the number 0, which has no parts.
        return sum.Except.IsSome && body.Exists(kind => kind is not Kind.Tensor)
                ? Wrong(
                    $"{at}.body",
                    $"a sum over the other levels of {body.Map(k => $"{k}").IfNone("")}",
                    "sum one tensor"
                )
            : levels.IsSome && except && index ? body
            : None;
    }

    private bool Index(int index, int sums, string at) =>
        (index >= 0 && index < sums)
        || Wrong(
            at,
            $"index {index} under {sums} sums",
            "an index belongs to a sum around it, counted from the outermost, 0"
        ).IsSome;

    private Option<Kind> Both(Expression left, Expression right, int sums, string at)
    {
        var (a, b) = (Of(left, sums, $"{at}.left"), Of(right, sums, $"{at}.right"));
        return a.Bind(x =>
            b.Bind(y => Joined(x, y).Match(Some, () => Wrong(at, $"{x} with {y}", "combine signals of one kind")))
        );
    }

    /// <summary>The kind of two signals combined element by element, if they can be.</summary>
    private static Option<Kind> Joined(Kind a, Kind b) =>
        (a, b) switch
        {
            (Kind.Tensor x, Kind.Tensor y) => Some<Kind>(
                y.Axes.ForAll(x.Axes.Contains) ? x
                : x.Axes.ForAll(y.Axes.Contains) ? y
                : new Kind.Tensor($"{x} with {y}", (x.Axes + y.Axes).Distinct())
            ),
            (Kind.Tensor x, Kind.Pair(var first, var second)) => Pair(Joined(x, first), Joined(x, second)),
            (Kind.Pair, Kind.Tensor) => Joined(b, a),
            (Kind.Tensor x, Kind.Levels(var each)) => Levels(Joined(x, each)),
            (Kind.Levels, Kind.Tensor) => Joined(b, a),
            (Kind.Pair(var x, var y), Kind.Pair(var u, var v)) => Pair(Joined(x, u), Joined(y, v)),
            (Kind.Levels(var x), Kind.Levels(var y)) => Levels(Joined(x, y)),
            _ => None,
        };

    private static Option<Kind> Pair(Option<Kind> first, Option<Kind> second) =>
        first.Bind(x => second.Map(y => (Kind)new Kind.Pair(x, y)));

    private static Option<Kind> Levels(Option<Kind> each) => each.Map(x => (Kind)new Kind.Levels(x));

    /// <summary>
    /// Whether a signal serves where a kind is promised: a number serves for any tensor, and a tensor for one of the
    /// same axes.
    /// </summary>
    private static bool Fits(Kind found, Kind promised) =>
        (found, promised) switch
        {
            (Kind.Tensor x, Kind.Tensor y) => x.Axes.IsEmpty || x.Axes.ToHashSet().SetEquals(y.Axes),
            (Kind.Pair(var x, var y), Kind.Pair(var u, var v)) => Fits(x, u) && Fits(y, v),
            (Kind.Levels(var x), Kind.Levels(var y)) => Fits(x, y),
            _ => false,
        };
}
