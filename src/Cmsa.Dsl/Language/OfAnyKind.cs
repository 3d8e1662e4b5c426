namespace Cmsa.Dsl;

/// <summary>
/// A layer that takes whatever the layer before it gives, and gives the same kind: <c>Conv(64, 3) &gt;&gt;
/// Dropout(0.5)</c>. It becomes a layer of a kind where it meets one.
/// </summary>
public abstract record OfAnyKind
{
    /// <summary>The layer for a kind.</summary>
    public abstract Layer<A, A> For<A>();

    internal sealed record Then(OfAnyKind First, OfAnyKind Second) : OfAnyKind
    {
        public override Layer<A, A> For<A>() => First.For<A>() >> Second.For<A>();
    }

    internal sealed record Each(Pointwise Function) : OfAnyKind
    {
        public override Layer<A, A> For<A>() => Elementwise<A>.Of(Function);
    }
}

/// <summary>Layers for any kind beside layers of a kind.</summary>
public static partial class Composition
{
    extension<A, B>(Layer<A, B>)
    {
        /// <summary>First <paramref name="f"/>, then <paramref name="g"/> on what it gives.</summary>
        public static Layer<A, B> operator >>(Layer<A, B> f, OfAnyKind g) => f >> g.For<B>();

        /// <summary>Gives one argument to both.</summary>
        public static Layer<A, (B, A)> operator &(Layer<A, B> f, OfAnyKind g) => f & g.For<A>();

        /// <summary>Gives one argument to both.</summary>
        public static Layer<A, (A, B)> operator &(OfAnyKind f, Layer<A, B> g) => f.For<A>() & g;

        /// <summary>Gives one argument to both.</summary>
        public static Layer<A, (B, A)> operator &(Layer<A, B> f, Pointwise g) => f & Elementwise<A>.Of(g);

        /// <summary>Gives one argument to both.</summary>
        public static Layer<A, (A, B)> operator &(Pointwise f, Layer<A, B> g) => Elementwise<A>.Of(f) & g;
    }

    extension<A, B>(OfAnyKind)
    {
        /// <summary>First <paramref name="g"/>, then <paramref name="f"/> on what it gives.</summary>
        public static Layer<A, B> operator >>(OfAnyKind g, Layer<A, B> f) => g.For<A>() >> f;
    }

    extension(OfAnyKind)
    {
        /// <summary>First <paramref name="f"/>, then <paramref name="g"/>.</summary>
        public static OfAnyKind operator >>(OfAnyKind f, OfAnyKind g) => new OfAnyKind.Then(f, g);

        /// <summary>First <paramref name="f"/>, then <paramref name="g"/> on every element.</summary>
        public static OfAnyKind operator >>(OfAnyKind f, Pointwise g) => new OfAnyKind.Then(f, new OfAnyKind.Each(g));
    }

    extension(Pointwise)
    {
        /// <summary>First <paramref name="f"/> on every element, then <paramref name="g"/>.</summary>
        public static OfAnyKind operator >>(Pointwise f, OfAnyKind g) => new OfAnyKind.Then(new OfAnyKind.Each(f), g);
    }

    extension<A>(Layer<A, A>)
    {
        /// <summary>The sum of what both make of one argument.</summary>
        public static Layer<A, A> operator +(Layer<A, A> f, Pointwise g) => f + Elementwise<A>.Of(g);

        /// <summary>The sum of what both make of one argument.</summary>
        public static Layer<A, A> operator +(Pointwise f, Layer<A, A> g) => Elementwise<A>.Of(f) + g;

        /// <summary>The sum of what both make of one argument.</summary>
        public static Layer<A, A> operator +(Layer<A, A> f, OfAnyKind g) => f + g.For<A>();

        /// <summary>The sum of what both make of one argument.</summary>
        public static Layer<A, A> operator +(OfAnyKind f, Layer<A, A> g) => f.For<A>() + g;
    }
}
