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

    /// <summary>Gives back what it gets.</summary>
    public static Layer<A, A> Identity<A>() => new Identity<A>();

    /// <summary><c>x + f x</c>: <c>Identity + f</c>.</summary>
    public static Layer<A, A> Residual<A>(Layer<A, A> f) => new Identity<A>() + f;

    /// <inheritdoc cref="Dsl.Pick{A}"/>
    public static Pick<FeatureMap> Pick(string level) => new(level);

    /// <inheritdoc cref="Dsl.EachWord"/>
    public static EachWord EachWord(Layer<FeatureMap, FeatureMap> f) => new(f);

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
        new Equation<Levels<A>, A>(equation(new(new Expression.Argument([]))).Expression);

    /// <summary>A layer of one argument, as an equation.</summary>
    public static Layer<A, B> Define<A, B>(Func<Term<A>, Term<B>> equation) =>
        new Equation<A, B>(equation(new(new Expression.Argument([]))).Expression);

    /// <summary>A layer of two arguments, as an equation.</summary>
    public static Layer<(A, B), C> Define<A, B, C>(Func<Term<A>, Term<B>, Term<C>> equation) =>
        new Equation<(A, B), C>(
            equation(new(new Expression.Argument([0])), new(new Expression.Argument([1]))).Expression
        );

    /// <summary>A learnt number; inside sums over levels, one for each value of the indices.</summary>
    /// <param name="label">The parameter's name; the names of the levels follow it, outermost first.</param>
    /// <param name="initial">Its value before training.</param>
    public static Scalar Learnable(string label, double initial = 1) =>
        new Scalar.Embedded(new Expression.Learnable(label, initial));
}
