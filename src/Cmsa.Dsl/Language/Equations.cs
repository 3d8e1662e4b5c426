using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Symbols of an equation given to layers and to scalar functions.</summary>
public static class Equations
{
    extension<A, B>(Term<A> _)
    {
        /// <summary>
        /// A layer applied to a symbol; a layer that is <c>Named</c> has its weights once, however often it is applied.
        /// </summary>
        public static Term<B> operator >>(Term<A> x, Layer<A, B> f) =>
            f is Named<A, B>(var label, var inner)
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
