using Cmsa.Dsl.Formulas;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>Random scalar functions; none grows fast, so that rounding stays small.</summary>
internal static class Functions
{
    public static Gen<Pointwise> Any { get; } =
        Choice.Of(
            () => Gen.Elements(Relu, Sigmoid, Tanh, Tanh >> Exp, Gelu, Silu, Abs, Erf),
            () => Written(2).Select(write => new Pointwise(write))
        );

    private static Gen<Func<Scalar, Scalar>> Written(int depth) =>
        Choice.Of(
            depth,
            [
                () => Gen.Constant<Func<Scalar, Scalar>>(x => x),
                () => Gen.Elements(-0.5, 0.25, 1, 2).Select(number => new Func<Scalar, Scalar>(x => x + number)),
            ],
            [
                () =>
                    from f in Gen.Elements(Sigmoid, Tanh, Relu)
                    from g in Written(depth - 1)
                    select new Func<Scalar, Scalar>(x => f(g(x))),
                () => Both((a, b) => a + b),
                () => Both((a, b) => a - b),
                () => Both(Max),
                () => Both((a, b) => Min(a, Abs(b))),
                () => Both((a, b) => a * Sigmoid(b)),
                () => Both((a, b) => a / (2 + Tanh(b))),
                () => Both((a, b) => -a + b / 3),
            ]
        );

    private static Gen<Func<Scalar, Scalar>> Both(Func<Scalar, Scalar, Scalar> combine) =>
        from left in Written(1)
        from right in Written(1)
        select new Func<Scalar, Scalar>(x => combine(left(x), right(x)));
}
