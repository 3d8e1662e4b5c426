using System.Runtime.CompilerServices;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Symbols of an equation given to layers and to scalar functions.</summary>
public static class Equations
{
    private const string Unmet =
        "The layer does not take what the symbol stands for. Apply a layer that takes this kind, or bring the "
        + "symbol to the layer's kind first: x >> f >> g.";

    extension<A, B>(Term<A>)
    {
        /// <summary>
        /// A layer applied to a symbol. A layer that is <c>Named</c> has its weights once, however often it is applied;
        /// without a name each application has its own.
        /// </summary>
        public static Term<B> operator >>(Term<A> x, Layer<A, B> f) => Apply<A, B>(x.Expression, f);
    }

    extension<A, B, C>((Term<A>, Term<B>))
    {
        /// <summary>A layer of a pair applied to two symbols: <c>(v, w) &gt;&gt; Multimodal</c>.</summary>
        public static Term<C> operator >>((Term<A>, Term<B>) x, Layer<(A, B), C> f) =>
            Apply<(A, B), C>(new Expression.Pair(x.Item1.Expression, x.Item2.Expression), f);
    }

    extension<A, B>(LevelTerms<A>)
    {
        /// <summary>A layer of all levels applied to them: <c>x &gt;&gt; Pick("res5")</c>.</summary>
        public static Term<B> operator >>(LevelTerms<A> x, Layer<Levels<A>, B> f) =>
            Apply<Levels<A>, B>(x.Expression, f);
    }

    extension<A, B>(Scalar)
    {
        /// <summary>A layer applied to a scalar function of symbols: <c>Tanh(x) &gt;&gt; Conv(8, 3)</c>.</summary>
        public static Term<B> operator >>(Scalar x, Layer<A, B> f) => (Term<A>)x >> f;
    }

    extension<A>(Term<A>)
    {
        /// <summary>A scalar function applied to a symbol.</summary>
        public static Term<A> operator >>(Term<A> x, Pointwise f) => Terms.Single(f)(x);

        /// <summary>A layer for any kind applied to a symbol.</summary>
        public static Term<A> operator >>(Term<A> x, OfAnyKind f) => x >> f.For<A>();
    }

    extension<A, B, C>(Term<A>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Unmet, error: true)]
        public static Term<C> operator >>(Term<A> x, Layer<B, C> f) => throw new NotSupportedException(Unmet);
    }

    extension<A, B, C, D>((Term<A>, Term<B>))
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Unmet, error: true)]
        public static Term<D> operator >>((Term<A>, Term<B>) x, Layer<C, D> f) =>
            throw new NotSupportedException(Unmet);
    }

    extension<A, B, C>(LevelTerms<A>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(OfLevels, error: true)]
        public static Term<C> operator >>(LevelTerms<A> x, Layer<B, C> f) => throw new NotSupportedException(OfLevels);
    }

    private const string OfLevels =
        "The layer does not take levels. Apply it to one level, x[i] >> f, or to each under a name, x.Each(f, \"name\").";

    private static Term<B> Apply<A, B>(Expression to, Layer<A, B> f) =>
        f is Named<A, B>(var label, var inner)
            ? new(new Expression.Applied(label, inner, to))
            : new(new Expression.Applied("", f, to, Terms.NextUse()));
}
