using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// A symbol of an equation: a signal of a kind that is not there yet. Combine symbols with + - * /, scalar functions
/// and <c>&gt;&gt;</c> a layer.
/// </summary>
/// <typeparam name="A">The kind of the signal it stands for.</typeparam>
/// <param name="Expression">The formula written so far.</param>
public sealed record Term<A>(Expression Expression)
{
    /// <summary>A number is a term.</summary>
    public static implicit operator Term<A>(double number) => new(new Expression.Number(number));

    /// <summary>A term may be given to a scalar function: <c>Tanh(g)</c>.</summary>
    public static implicit operator Scalar(Term<A> term) => new Scalar.Embedded(term.Expression);

    /// <summary>What a scalar function gives is a term again.</summary>
    public static implicit operator Term<A>(Scalar scalar) => new(Terms.Open(scalar));

    /// <summary>The formula.</summary>
    public override string ToString() => Expression.ToString();
}

/// <summary>The levels of a backbone as a symbol of an equation.</summary>
/// <typeparam name="A">The kind of each level.</typeparam>
/// <param name="Expression">The formula of the levels.</param>
/// <param name="Except">The level left out, if any.</param>
public sealed record LevelTerms<A>(Expression Expression, Option<Level> Except = default)
{
    /// <summary>The level that an index names: <c>x[i]</c>.</summary>
    public Term<A> this[Level i] => new(new Expression.At(Expression, i.Index));

    /// <summary>The level of a name: <c>x["res5"]</c>.</summary>
    public Term<A> this[string level] => new(new Expression.Named(Expression, level));

    /// <summary>A layer on every level, with weights of its own for each, under a name.</summary>
    public LevelTerms<B> Each<B>(Layer<A, B> layer, string label) =>
        new(new Expression.Applied(label, new EachLevel<A, B>(layer, []), Expression));

    /// <summary>The sum over all levels of a formula of the index.</summary>
    public Term<B> Sum<B>(Func<Level, Term<B>> body) =>
        Terms.Nested(index => new Term<B>(
            new Expression.SumOver(Expression, Except.Map(e => e.Index), index, body(new Level(index)).Expression)
        ));

    /// <summary>The levels other than one: <c>x.Others(i).Sum(j =&gt; ...)</c> is the sum over j != i.</summary>
    public LevelTerms<A> Others(Level i) => this with { Except = i };
}

/// <summary>An index of a sum over levels.</summary>
/// <param name="Index">How many sums stand around it.</param>
public readonly record struct Level(int Index);
