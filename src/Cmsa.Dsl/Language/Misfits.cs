using System.Runtime.CompilerServices;

namespace Cmsa.Dsl;

// What two layers of kinds that do not meet are told by the compiler, beside their types: these operators fit whatever
// no other one fits, and are errors.
public static partial class Composition
{
    private const string Then =
        "The kinds do not meet: the first layer gives another kind than the second takes. Put a layer between "
        + "them that makes the one of the other.";

    private const string FanOut =
        "f & g gives one argument to both, so both must take one kind. Write f * g for two layers side by side on a pair.";

    private const string Sum =
        "f + g adds what both make of one argument, so both must take one kind and give one kind. Project or pool one of them first.";

    private const string Beside =
        "A scalar function has no kind of its own on one side of *. Write Elementwise<FeatureMap>.Of(Relu) with the kind of that side.";

    private const string BesideAny =
        "A layer for any kind has no kind of its own on one side of *. Give it one with its type argument, such as Dropout<Words>(0.5).";

    extension<A, B, C, D>(Layer<A, B>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Then, error: true)]
        public static Layer<A, D> operator >>(Layer<A, B> f, Layer<C, D> g) => throw new NotSupportedException(Then);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(FanOut, error: true)]
        public static Layer<A, (B, D)> operator &(Layer<A, B> f, Layer<C, D> g) =>
            throw new NotSupportedException(FanOut);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Sum, error: true)]
        public static Layer<A, B> operator +(Layer<A, B> f, Layer<C, D> g) => throw new NotSupportedException(Sum);
    }

    extension<A, B>(Layer<A, B>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Sum, error: true)]
        public static Layer<A, B> operator +(Layer<A, B> f, Pointwise g) => throw new NotSupportedException(Sum);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Sum, error: true)]
        public static Layer<A, B> operator +(Pointwise f, Layer<A, B> g) => throw new NotSupportedException(Sum);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Beside, error: true)]
        public static Layer<A, B> operator *(Layer<A, B> f, Pointwise g) => throw new NotSupportedException(Beside);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Beside, error: true)]
        public static Layer<A, B> operator *(Pointwise f, Layer<A, B> g) => throw new NotSupportedException(Beside);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(BesideAny, error: true)]
        public static Layer<A, B> operator *(Layer<A, B> f, OfAnyKind g) => throw new NotSupportedException(BesideAny);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(BesideAny, error: true)]
        public static Layer<A, B> operator *(OfAnyKind f, Layer<A, B> g) => throw new NotSupportedException(BesideAny);
    }

    extension<A, B>(Layer<A, B>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Sum, error: true)]
        public static Layer<A, B> operator +(Layer<A, B> f, OfAnyKind g) => throw new NotSupportedException(Sum);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Sum, error: true)]
        public static Layer<A, B> operator +(OfAnyKind f, Layer<A, B> g) => throw new NotSupportedException(Sum);

        /// <summary>What does not fit, said by the compiler.</summary>
        [Obsolete(Scaled, error: true)]
        public static Layer<A, B> operator *(Layer<A, B> f, double number) => throw new NotSupportedException(Scaled);

        /// <summary>What does not fit, said by the compiler.</summary>
        [Obsolete(Scaled, error: true)]
        public static Layer<A, B> operator *(double number, Layer<A, B> f) => throw new NotSupportedException(Scaled);
    }

    extension<A, B, C, D>(Layer<A, B>)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [Obsolete(Less, error: true)]
        public static Layer<A, B> operator -(Layer<A, B> f, Layer<C, D> g) => throw new NotSupportedException(Less);
    }

    private const string Scaled = "A layer is no number. Scale what it gives: f >> (x => 0.5 * x).";

    private const string Less =
        "Layers have no difference. Write it as an equation: Define<A, B>(x => (x >> f) - (x >> g)).";

    extension(Pointwise)
    {
        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Beside, error: true)]
        public static Pointwise operator *(Pointwise f, Pointwise g) => throw new NotSupportedException(Beside);

        /// <summary>What does not fit, said by the compiler.</summary>
        [OverloadResolutionPriority(-1), Obsolete(Alone, error: true)]
        public static Pointwise operator &(Pointwise f, Pointwise g) => throw new NotSupportedException(Alone);
    }

    private const string Alone =
        "Two scalar functions on one argument have no kind of their own. Begin with a layer: Identity<FeatureMap>() & Relu.";
}
