using System.Runtime.CompilerServices;

namespace Cmsa.Dsl;

/// <summary>The arithmetic of symbols and scalar formulas.</summary>
public static class Arithmetic
{
    private const string LayerBesideSymbol =
        "A layer stands beside a symbol; apply it to a symbol with >>, such as (x >> Conv(8, 3)) * x.";

    extension<A>(Term<A>)
    {
        /// <summary>Negation.</summary>
        public static Term<A> operator -(Term<A> x) => new(new Expression.Call(Function.Negate, x.Expression));

        /// <summary>Sum, element by element.</summary>
        public static Term<A> operator +(Term<A> left, Scalar right) => left + (Term<A>)right;

        /// <summary>Sum, element by element.</summary>
        public static Term<A> operator +(Scalar left, Term<A> right) => (Term<A>)left + right;

        /// <summary>Sum, element by element.</summary>
        public static Term<A> operator +(Term<A> left, double right) => left + (Term<A>)right;

        /// <summary>Sum, element by element.</summary>
        public static Term<A> operator +(double left, Term<A> right) => (Term<A>)left + right;

        /// <summary>Difference, element by element.</summary>
        public static Term<A> operator -(Term<A> left, Scalar right) => left - (Term<A>)right;

        /// <summary>Difference, element by element.</summary>
        public static Term<A> operator -(Scalar left, Term<A> right) => (Term<A>)left - right;

        /// <summary>Difference, element by element.</summary>
        public static Term<A> operator -(Term<A> left, double right) => left - (Term<A>)right;

        /// <summary>Difference, element by element.</summary>
        public static Term<A> operator -(double left, Term<A> right) => (Term<A>)left - right;

        /// <summary>Product, element by element.</summary>
        public static Term<A> operator *(Term<A> left, Scalar right) => left * (Term<A>)right;

        /// <summary>Product, element by element.</summary>
        public static Term<A> operator *(Scalar left, Term<A> right) => (Term<A>)left * right;

        /// <summary>Product, element by element.</summary>
        public static Term<A> operator *(Term<A> left, double right) => left * (Term<A>)right;

        /// <summary>Product, element by element.</summary>
        public static Term<A> operator *(double left, Term<A> right) => (Term<A>)left * right;

        /// <summary>Quotient, element by element.</summary>
        public static Term<A> operator /(Term<A> left, Scalar right) => left / (Term<A>)right;

        /// <summary>Quotient, element by element.</summary>
        public static Term<A> operator /(Scalar left, Term<A> right) => (Term<A>)left / right;

        /// <summary>Quotient, element by element.</summary>
        public static Term<A> operator /(Term<A> left, double right) => left / (Term<A>)right;

        /// <summary>Quotient, element by element.</summary>
        public static Term<A> operator /(double left, Term<A> right) => (Term<A>)left / right;
    }

    extension<A, B>(Term<A>)
    {
        /// <summary>
        /// Sum, element by element; a channel count of 1 is repeated. The right side may be of another kind whose axes
        /// the left side has too: it is repeated along the others.
        /// </summary>
        /// <exception cref="ArgumentException">The right side has axes that the left side lacks.</exception>
        public static Term<A> operator +(Term<A> left, Term<B> right) =>
            new(new Expression.Plus(left.Expression, Beside<A, B>(right)));

        /// <summary>Difference, element by element, as the sum.</summary>
        /// <exception cref="ArgumentException">The right side has axes that the left side lacks.</exception>
        public static Term<A> operator -(Term<A> left, Term<B> right) => left + -right;

        /// <summary>Product, element by element, as the sum.</summary>
        /// <exception cref="ArgumentException">The right side has axes that the left side lacks.</exception>
        public static Term<A> operator *(Term<A> left, Term<B> right) =>
            new(new Expression.Times(left.Expression, Beside<A, B>(right)));

        /// <summary>Quotient, element by element, as the sum.</summary>
        /// <exception cref="ArgumentException">The right side has axes that the left side lacks.</exception>
        public static Term<A> operator /(Term<A> left, Term<B> right) =>
            left * new Term<B>(new Expression.Call(Function.Reciprocal, right.Expression));
    }

    private static Expression Beside<A, B>(Term<B> term)
    {
        Inference.Takes(Kind.Of<A>(), Kind.Of<B>());
        return term.Expression;
    }

    extension(Scalar)
    {
        /// <summary>Sum.</summary>
        public static Scalar operator +(Scalar left, Scalar right) => new Scalar.Plus(left, right);

        /// <summary>Difference.</summary>
        public static Scalar operator -(Scalar left, Scalar right) => new Scalar.Plus(left, -right);

        /// <summary>Negation.</summary>
        public static Scalar operator -(Scalar x) =>
            x is Scalar.Number(var value) ? new Scalar.Number(-value) : new Scalar.Call(Function.Negate, x);

        /// <summary>Product.</summary>
        public static Scalar operator *(Scalar left, Scalar right) => new Scalar.Times(left, right);

        /// <summary>Quotient.</summary>
        public static Scalar operator /(Scalar left, Scalar right) =>
            right is Scalar.Number(var value)
                ? new Scalar.Times(left, new Scalar.Number(1 / value))
                : new Scalar.Times(left, new Scalar.Call(Function.Reciprocal, right));
    }

    extension<A, B, C>(Term<A>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator +(Term<A> x, Layer<B, C> f) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator +(Layer<B, C> f, Term<A> x) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator -(Term<A> x, Layer<B, C> f) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator -(Layer<B, C> f, Term<A> x) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator *(Term<A> x, Layer<B, C> f) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator *(Layer<B, C> f, Term<A> x) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator /(Term<A> x, Layer<B, C> f) =>
            throw new NotSupportedException(LayerBesideSymbol);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(LayerBesideSymbol, error: true)]
        public static Term<A> operator /(Layer<B, C> f, Term<A> x) =>
            throw new NotSupportedException(LayerBesideSymbol);
    }
}
