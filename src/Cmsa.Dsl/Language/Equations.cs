using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The second notation of the language: layers as equations. A lambda is run once, on symbols, to build the layer; it is not kept.
/// <code>
/// Define&lt;FeatureMap&gt;(x => x.Sum(i => x[i] * Learnt("gain")))
/// </code>
/// </summary>
public static partial class Syntax
{
    /// <summary>A layer from all levels to one signal, as an equation.</summary>
    public static Layer<Levels<A>, A> Define<A>(Func<LevelTerms<A>, Term<A>> equation) =>
        new Equation<Levels<A>, A>(equation(new(new Expression.Argument([]))).Expression);

    /// <summary>A layer of one argument, as an equation.</summary>
    public static Layer<A, B> Define<A, B>(Func<Term<A>, Term<B>> equation) =>
        new Equation<A, B>(equation(new(new Expression.Argument([]))).Expression);

    /// <summary>A layer of two arguments, as an equation.</summary>
    public static Layer<(A, B), C> Define<A, B, C>(Func<Term<A>, Term<B>, Term<C>> equation) =>
        new Equation<(A, B), C>(equation(new(new Expression.Argument([0])), new(new Expression.Argument([1]))).Expression);

    /// <summary>A learnt number; inside sums over levels, one for each value of the indices.</summary>
    /// <param name="label">The parameter's name; the names of the levels follow it, outermost first.</param>
    /// <param name="initial">Its value before training.</param>
    public static Scalar Learnt(string label, double initial = 1) => new Scalar.Embedded(new Expression.Learnt(label, initial));

    extension<A, B>(Term<A> _)
    {
        /// <summary>A layer applied to a symbol; a layer that is <c>Named</c> has its weights once, however often it is applied.</summary>
        public static Term<B> operator >>(Term<A> x, Layer<A, B> f) => f is Named<A, B>(var label, var inner)
            ? new(new Expression.Applied(label, inner, x.Expression))
            : new(new Expression.Applied("", f, x.Expression));
    }

    extension<A, B>(Scalar _)
    {
        /// <summary>A layer applied to a scalar function of symbols: <c>Tanh(x) &gt;&gt; Conv(8, 3)</c>.</summary>
        public static Term<B> operator >>(Scalar x, Layer<A, B> f) => (Term<A>)x >> f;
    }

    extension<A>(Term<A> _)
    {
        /// <summary>A scalar function applied to a symbol.</summary>
        public static Term<A> operator >>(Term<A> x, Pointwise f) => f(x);
    }
}
