using System.Runtime.CompilerServices;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// A formula over signals: the body of a <see cref="Equation{A, B}"/>. It is data; an index of a sum is counted from
/// the outermost (0 is written i, 1 is j), so that equal formulas are equal values.
/// </summary>
public abstract record Expression
{
    private Expression() { }

    /// <summary>
    /// The argument of the equation, or a part of it: each step is the first or the second of a pair.
    /// </summary>
    public sealed record Argument(Many<int> Steps) : Expression;

    /// <summary>A number.</summary>
    public sealed record Number(double Value) : Expression;

    /// <summary>A learnt number; one for each value of the indices around it.</summary>
    /// <param name="Label">The parameter's name, before the levels' names.</param>
    /// <param name="Initial">Its value before training.</param>
    [FormerName("Learnt")]
    public sealed record Learnable(string Label, double Initial) : Expression;

    /// <summary>A scalar function of a formula.</summary>
    public sealed record Call(Function Function, Expression Of) : Expression;

    /// <summary>A sum.</summary>
    public sealed record Plus(Expression Left, Expression Right) : Expression;

    /// <summary>A product.</summary>
    public sealed record Times(Expression Left, Expression Right) : Expression;

    /// <summary>
    /// A layer applied to a formula. Applications under one label are one layer: they share their weights.
    /// </summary>
    /// <param name="Label">The name it was given; empty where it was given none.</param>
    /// <param name="Layer">The layer.</param>
    /// <param name="To">Its argument.</param>
    /// <param name="Use">
    /// Which use it is, where a layer without a name is applied to one argument several times: each use has weights of
    /// its own.
    /// </param>
    public sealed record Applied(string Label, Layer Layer, Expression To, int Use = 0) : Expression
    {
        /// <summary>The label, the layer and its argument.</summary>
        public void Deconstruct(out string label, out Layer layer, out Expression to) =>
            (label, layer, to) = (Label, Layer, To);
    }

    /// <summary>A function of two formulas, element by element.</summary>
    public sealed record Combined(Combination Combination, Expression Left, Expression Right) : Expression;

    /// <summary>Two formulas as a pair: the argument of a layer that takes two.</summary>
    public sealed record Pair(Expression Left, Expression Right) : Expression;

    /// <summary>The level of some levels that an index names.</summary>
    public sealed record At(Expression Levels, int Index) : Expression;

    /// <summary>A level by its name.</summary>
    public sealed record Named(Expression Levels, string Level) : Expression;

    /// <summary>The sum of a formula over the levels.</summary>
    /// <param name="Levels">The levels.</param>
    /// <param name="Except">The index whose level is left out, if any.</param>
    /// <param name="Index">The index of this sum.</param>
    /// <param name="Body">What is summed.</param>
    public sealed record SumOver(Expression Levels, Option<int> Except, int Index, Expression Body) : Expression;

    /// <summary>The formulas that this one is made of.</summary>
    internal Many<Expression> Parts =>
        this switch
        {
            Call(_, var of) => [of],
            Plus(var left, var right) => [left, right],
            Times(var left, var right) => [left, right],
            Combined(_, var left, var right) => [left, right],
            Pair(var left, var right) => [left, right],
            Applied(_, _, var to) => [to],
            At(var levels, _) => [levels],
            Named(var levels, _) => [levels],
            SumOver(var levels, _, _, var body) => [levels, body],
            _ => [],
        };

    /// <summary>The formula with every part changed.</summary>
    internal Expression Map(Func<Expression, Expression> change) =>
        this switch
        {
            Call call => call with { Of = change(call.Of) },
            Plus(var left, var right) => new Plus(change(left), change(right)),
            Times(var left, var right) => new Times(change(left), change(right)),
            Combined(var combination, var left, var right) => new Combined(combination, change(left), change(right)),
            Pair(var left, var right) => new Pair(change(left), change(right)),
            Applied applied => applied with { To = change(applied.To) },
            At at => at with { Levels = change(at.Levels) },
            Named named => named with { Levels = change(named.Levels) },
            SumOver sum => sum with { Levels = change(sum.Levels), Body = change(sum.Body) },
            _ => this,
        };

    /// <summary>The formula as text.</summary>
    public sealed override string ToString() => Text.Of(this);
}

/// <summary>A layer written as an equation. Made with <c>Define</c>.</summary>
/// <param name="Body">The formula.</param>
public sealed record Equation<A, B>(Expression Body) : Layer<A, B>, IEquation
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => Applications.Map(a => a.Layer);

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts)
    {
        var keys = Applications.Map(Key);
        return new Equation<A, B>(Change(Body));

        Expression Change(Expression at) =>
            at is Expression.Applied applied
                ? applied with
                {
                    Layer = parts[keys.ToList().IndexOf(Key(applied))],
                    To = Change(applied.To),
                }
                : at.Map(Change);
    }

    /// <summary>The title, and the names of up to four layers in it.</summary>
    public override Caption Caption =>
        new("equation", Applications.Choose(a => LastSegment(a.Label)).Distinct().Take(4));

    private static Option<string> LastSegment(string label) =>
        label.Length == 0 ? None : Some(label[(label.LastIndexOf('.') + 1)..]);

    internal override Written Write(Text text)
    {
        var ofTwo = In is Kind.Pair && !ArgumentsIn(Body).Exists(a => a.Steps.IsEmpty);
        var kinds = (In, ofTwo) switch
        {
            _ when !text.IsCode => "",
            (Kind.Pair(var first, var second), true) => Text.Kinds(first, second, Out),
            (Kind.Levels(var each), _) when each == Out => Text.Kinds(each),
            _ => Text.Kinds(In, Out),
        };
        return Text.Atom($"Define{kinds}(" + Formula.Lambda(Body, ofTwo ? ["x", "y"] : ["x"], In, text, ")"));
    }

    private static Many<Expression.Argument> ArgumentsIn(Expression at) =>
        at is Expression.Argument argument ? [argument] : at.Parts.Bind(ArgumentsIn);

    internal override Placing PlaceOf(int part) =>
        Applications[part].Label is { Length: > 0 } label ? new Placing.Named(label) : Placing.Transparent;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Evaluation(input, scope, Applications.Map(Key).ToList()).Of(Body, []);

    /// <summary>The layers of the equation, one application of each, in the order in which they stand.</summary>
    private Many<Expression.Applied> Applications =>
        (Many<Expression.Applied>)known.GetValue(Body, static body => Inside(body).DistinctBy(Key).ToMany());

    private static readonly ConditionalWeakTable<Expression, object> known = [];

    private static Many<Expression.Applied> Inside(Expression at) =>
        at.Parts.Bind(Inside) + (at is Expression.Applied applied ? [applied] : []);

    private static (string, Layer, Expression?, int) Key(Expression.Applied a) =>
        (a.Label, a.Layer, a.Label.Length == 0 ? a.To : null, a.Use);

    /// <summary>
    /// One reading of the formula; each application is elaborated once, however often its result stands there.
    /// </summary>
    private sealed class Evaluation(Signal input, Scope scope, List<(string, Layer, Expression?, int)> layers)
    {
        private readonly Dictionary<(Expression, Many<string>), Signal> known = [];

        /// <summary>The value of a formula where the indices stand for these levels.</summary>
        public Signal Of(Expression expression, Many<string> indices)
        {
            var relevant = indices.Take(Depends(expression));
            return known.TryGetValue((expression, relevant), out var signal)
                ? signal
                : known[(expression, relevant)] = Compute(expression, relevant);
        }

        // On how many of the indices around it, from the outermost, the value of a formula depends; what depends on
        // none is computed once.
        private static int Depends(Expression expression) =>
            expression switch
            {
                Expression.Learnable => int.MaxValue,
                Expression.At(var levels, var index) => Math.Max(Depends(levels), index + 1),
                Expression.SumOver(var levels, var except, var index, var body) => Math.Max(
                    Depends(levels),
                    Math.Max(except.Map(e => e + 1).IfNone(0), Math.Min(Depends(body), index))
                ),
                _ => expression.Parts.Fold(0, (most, part) => Math.Max(most, Depends(part))),
            };

        private Signal Compute(Expression expression, Many<string> indices) =>
            expression switch
            {
                Expression.Argument(var steps) => steps.Fold(
                    input,
                    (signal, step) => step == 0 ? signal.First : signal.Second
                ),
                Expression.Number(var value) => Node.Constant(value),
                Expression.Learnable(var label, var initial) => scope.Parameter(
                    string.Join('.', [label, .. indices]),
                    new Initializer.Fill(initial),
                    Role.Gain
                ),
                Expression.Call(var function, var of) => Of(of, indices).Map(v => v.Map(function)),
                Expression.Plus(var left, var right) => Combine(Of(left, indices), Of(right, indices), (a, b) => a + b),
                Expression.Times(var left, var right) => Combine(
                    Of(left, indices),
                    Of(right, indices),
                    (a, b) => a * b
                ),
                Expression.Combined(var combination, var left, var right) => Combine(
                    Of(left, indices),
                    Of(right, indices),
                    (a, b) => new Node(new Combine(combination), a, b)
                ),
                Expression.Pair(var left, var right) => new Signal.Pair(Of(left, indices), Of(right, indices)),
                Expression.Applied applied => scope.Run(layers.IndexOf(Key(applied)), Of(applied.To, indices)),
                Expression.At(var levels, var index) => Level(Of(levels, indices), indices[index]),
                Expression.Named(var levels, var name) => Level(Of(levels, indices), name),
                Expression.SumOver(var levels, var except, var index, var body) => Of(levels, indices)
                    .Named.Map(l => l.Name)
                    .Filter(name => except.ForAll(e => indices[e] != name))
                    .Map(name => Of(body, indices.Take(index).Add(name)))
                    is { IsEmpty: false } terms
                    ? terms.Tail.Fold(terms.Head, (a, b) => Combine(a, b, (x, y) => x + y))
                    : Node.Constant(0),
                _ => throw new InvalidOperationException(),
            };

        private static Signal Level(Signal levels, string name) =>
            levels
                .Named.Find(l => l.Name == name)
                .Map(l => l.Signal)
                .IfNone(() => levels.Named.Head.Signal.Map(v => v.With(Unknown(levels, name))));

        private static Error Unknown(Signal levels, string name) =>
            Error.Misfit(
                $"level {name} of {string.Join(", ", levels.Named.Map(l => l.Name))}",
                "a level that is there",
                "name one of these"
            );

        private static Signal Combine(Signal left, Signal right, Func<Node, Node, Node> combine) =>
            (left, right) switch
            {
                (Signal.Tensor(var x, var p), Signal.Tensor(var y, var q)) => new Signal.Tensor(
                    combine(x, y),
                    Signal.Both(p, q)
                ),
                (Signal.Tensor(var x, _), _) => right.Map(y => combine(x, y)),
                (_, Signal.Tensor(var y, _)) => left.Map(x => combine(x, y)),
                _ => Signal.Zip(left, right, combine),
            };
    }
}

/// <summary>An <see cref="Equation{A, B}"/> of any kinds.</summary>
internal interface IEquation
{
    /// <summary>The formula.</summary>
    Expression Body { get; }
}
