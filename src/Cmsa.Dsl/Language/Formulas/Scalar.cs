using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Formulas;

/// <summary>
/// A formula of one symbol: what a <see cref="Pointwise"/> function gives. Combine formulas with + - * / and scalar
/// functions. It has a namespace of its own, since TorchSharp has a Scalar too.
/// </summary>
public abstract record Scalar
{
    private Scalar() { }

    /// <summary>The argument of the function being written.</summary>
    public static Scalar Symbol { get; } = new Argument();

    /// <summary>The argument.</summary>
    public sealed record Argument : Scalar;

    /// <summary>A number.</summary>
    public sealed record Number(double Value) : Scalar;

    /// <summary>A named function of a formula.</summary>
    public sealed record Call(Function Function, Scalar Of) : Scalar;

    /// <summary>A sum.</summary>
    public sealed record Plus(Scalar Left, Scalar Right) : Scalar;

    /// <summary>A product.</summary>
    public sealed record Times(Scalar Left, Scalar Right) : Scalar;

    /// <summary>A function of two formulas.</summary>
    public sealed record Combined(Combination Combination, Scalar Left, Scalar Right) : Scalar;

    /// <summary>An embedded <see cref="Term{A}"/>, where a scalar function is applied inside an equation.</summary>
    internal sealed record Embedded(Expression Expression) : Scalar;

    /// <summary>A number is a formula.</summary>
    public static implicit operator Scalar(double number) => new Number(number);

    /// <summary>The formula's value where the symbol is <paramref name="x"/>.</summary>
    public Node At(Node x) =>
        this switch
        {
            Argument => x,
            Number(var value) => Node.Constant(value),
            Call(var function, var of) => of.At(x).Map(function),
            Plus(var left, var right) => left.At(x) + right.At(x),
            Times(var left, var right) => left.At(x) * right.At(x),
            Combined(var combination, var left, var right) => new Node(
                new Combine(combination),
                left.At(x),
                right.At(x)
            ),
            _ => throw new InvalidOperationException(
                "An equation's term stands in a scalar function; apply the function inside the equation instead."
            ),
        };

    /// <summary>The formula as text, the symbol written x.</summary>
    public sealed override string ToString() => Text.Of(this);
}
