using System.Runtime.CompilerServices;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The words of the language: <c>using static Cmsa.Dsl.Layers.Syntax;</c> and an architecture reads like its paper.
/// Each layer's word stands in the layer's own file; these are the words for combinators, scalar functions and
/// equations.
/// </summary>
public static partial class Syntax
{
    /// <summary>max(x, 0).</summary>
    public static Pointwise Relu { get; } = x => new Scalar.Call(Function.Relu, x);

    /// <summary>1 / (1 + e^-x).</summary>
    public static Pointwise Sigmoid { get; } = x => new Scalar.Call(Function.Sigmoid, x);

    /// <summary>The hyperbolic tangent.</summary>
    public static Pointwise Tanh { get; } = x => new Scalar.Call(Function.Tanh, x);

    /// <summary>e^x.</summary>
    public static Pointwise Exp { get; } = x => new Scalar.Call(Function.Exp, x);

    /// <summary>The natural logarithm. (Log is what many programs call their log.)</summary>
    public static Pointwise Ln { get; } = x => new Scalar.Call(Function.Log, x);

    /// <summary>The square root.</summary>
    public static Pointwise Sqrt { get; } = x => new Scalar.Call(Function.Sqrt, x);

    /// <summary>The magnitude, |x|.</summary>
    public static Pointwise Abs { get; } = x => new Scalar.Call(Function.Abs, x);

    /// <summary>x^2.</summary>
    public static Pointwise Square { get; } = x => new Scalar.Call(Function.Square, x);

    /// <summary>The error function.</summary>
    public static Pointwise Erf { get; } = x => new Scalar.Call(Function.Erf, x);

    /// <summary>
    /// x times the probability that a standard normal number is below x (Hendrycks and Gimpel 2016), with the error
    /// function.
    /// </summary>
    public static Pointwise Gelu { get; } = x => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    /// <summary>x times its sigmoid, also called swish (Elfwing et al. 2017).</summary>
    public static Pointwise Silu { get; } = x => x * Sigmoid(x);

    /// <summary>The greater of two formulas, element by element.</summary>
    public static Scalar Max(Scalar x, Scalar y) => new Scalar.Combined(Combination.Max, x, y);

    /// <summary>The lesser of two formulas, element by element.</summary>
    public static Scalar Min(Scalar x, Scalar y) => new Scalar.Combined(Combination.Min, x, y);

    /// <summary>x^y, element by element; not a number where x is negative and y is not whole.</summary>
    public static Scalar Power(Scalar x, Scalar y) => new Scalar.Combined(Combination.Power, x, y);

    /// <summary>1 where x is greater than y and 0 elsewhere, element by element.</summary>
    public static Scalar Greater(Scalar x, Scalar y) => new Scalar.Combined(Combination.Greater, x, y);

    /// <summary>1 where x is less than y and 0 elsewhere, element by element.</summary>
    public static Scalar Less(Scalar x, Scalar y) => new Scalar.Combined(Combination.Less, x, y);

    /// <summary>Gives back what it gets.</summary>
    public static Layer<A, A> Identity<A>() => new Identity<A>();

    /// <summary><c>x + f x</c>: <c>Identity + f</c>.</summary>
    public static Layer<A, A> Residual<A>(Layer<A, A> f) => new Identity<A>() + f;

    /// <summary>What does not fit, said by the compiler.</summary>
    [OverloadResolutionPriority(-1), Obsolete(NoResidual, error: true)]
    public static Layer<A, A> Residual<A, B>(Layer<A, B> f) => throw new NotSupportedException(NoResidual);

    private const string NoResidual =
        "Residual(f) adds f's result to its argument, so f must give the kind that it takes. End f with a layer that gives this kind.";

    /// <summary>A scalar function on every level: the function itself, which acts on every element.</summary>
    public static Pointwise EachLevel(Pointwise f) => f;

    /// <summary>A layer for any kind on every level: the layer itself, which acts on every level.</summary>
    public static OfAnyKind EachLevel(OfAnyKind f) => f;

    /// <inheritdoc cref="Dsl.Pick{A}"/>
    public static Layer<Levels<FeatureMap>, FeatureMap> Pick(string level) => new Pick<FeatureMap>(level);

    /// <inheritdoc cref="Dsl.EachWord"/>
    public static Layer<WordMaps, WordMaps> EachWord(Layer<FeatureMap, FeatureMap> f) => new EachWord(f);

    /// <summary>The same layer on every level, each with weights of its own under the level's name.</summary>
    /// <param name="f">What every level gets.</param>
    /// <param name="specials">What some levels get in its place, by name.</param>
    public static Layer<Levels<A>, Levels<B>> EachLevel<A, B>(
        Layer<A, B> f,
        params Many<(string Level, Layer<A, B> Body)> specials
    ) => new EachLevel<A, B>(f, specials.Map(s => new Special<A, B>(s.Level, s.Body)));

    /// <summary>The same layer on every level beside one signal that all of them get, such as the words.</summary>
    /// <inheritdoc cref="EachLevel{A, B}(Layer{A, B}, Many{ValueTuple{string, Layer{A, B}}})"/>
    public static Layer<(Levels<A>, B), Levels<C>> EachLevel<A, B, C>(
        Layer<(A, B), C> f,
        params Many<(string Level, Layer<(A, B), C> Body)> specials
    ) =>
        new Distribute<A, B>()
        >> new EachLevel<(A, B), C>(f, specials.Map(s => new Special<(A, B), C>(s.Level, s.Body)));

    /// <summary>A layer from all levels to one signal, as an equation.</summary>
    public static Layer<Levels<A>, A> Define<A>(Func<LevelTerms<A>, Term<A>> equation) =>
        new Equation<Levels<A>, A>(Terms.Numbered(equation(new(new Expression.Argument([]))).Expression));

    /// <summary>A layer of one argument, as an equation.</summary>
    public static Layer<A, B> Define<A, B>(Func<Term<A>, Term<B>> equation) =>
        new Equation<A, B>(Terms.Numbered(equation(new(new Expression.Argument([]))).Expression));

    /// <summary>A layer of two arguments, as an equation.</summary>
    public static Layer<(A, B), C> Define<A, B, C>(Func<Term<A>, Term<B>, Term<C>> equation) =>
        new Equation<(A, B), C>(
            Terms.Numbered(equation(new(new Expression.Argument([0])), new(new Expression.Argument([1]))).Expression)
        );

    /// <summary>A learnt number; inside sums over levels, one for each value of the indices.</summary>
    /// <param name="label">The parameter's name; the names of the levels follow it, outermost first.</param>
    /// <param name="initial">Its value before training.</param>
    public static Scalar Learnable(string label, double initial = 1) =>
        new Scalar.Embedded(new Expression.Learnable(label, initial));
}
