using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// A scalar function, applied to every element of a signal of any kind. It is written as a function of a symbol and run
/// once, on that symbol, when a layer is made of it: <c>Pointwise swish = x =&gt; x * Sigmoid(x);</c> and then
/// <c>Conv(64, 3) &gt;&gt; swish</c>.
/// </summary>
/// <param name="x">The symbol.</param>
public delegate Scalar Pointwise(Scalar x);

/// <summary>A scalar function on every element of a signal. Written <c>f &gt;&gt; Relu</c>.</summary>
/// <param name="Body">The function's value at the symbol.</param>
public sealed record Elementwise<A>(Scalar Body) : Layer<A, A>, IElementwise
{
    /// <summary>The layer of a function.</summary>
    public static Layer<A, A> Of(Pointwise function) => new Elementwise<A>(function(Scalar.Symbol));

    /// <inheritdoc/>
    public override Caption Caption =>
        new(
            Body switch
            {
                Scalar.Call(Function.Relu, Scalar.Argument) => "ReLU",
                Scalar.Call(var function, Scalar.Argument) => $"{function}".ToLowerInvariant(),
                _ => Brief.Of(this, 24),
            }
        );

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    internal override Written Write(Text text) => text.Chain([this]);

    /// <inheritdoc/>
    Written IElementwise.WriteFunction(Text text) =>
        Body switch
        {
            Scalar.Call(var function, Scalar.Argument) => Text.Atom($"{function}"),
            _ when text.IsCode => Text.Atom("(x => " + Formula.Of(Body, text).Document + ")"),
            _ => Text.Atom("Pointwise(x => " + Formula.Of(Body, text).Document + ")"),
        };

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.Map(x => Body.At(x));
}

/// <summary>An <see cref="Elementwise{A}"/> of any kind.</summary>
internal interface IElementwise
{
    /// <summary>The scalar function as a document, as it stands after <c>&gt;&gt;</c>.</summary>
    Written WriteFunction(Text text);
}

/// <summary>A formula of one symbol: what a <see cref="Pointwise"/> function gives.</summary>
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

    /// <summary>An embedded <see cref="Term{A}"/>, where a scalar function is applied inside an equation.</summary>
    internal sealed record Embedded(Expression Expression) : Scalar;

    /// <summary>A number is a formula.</summary>
    public static implicit operator Scalar(double number) => new Number(number);

    /// <summary>Sum.</summary>
    public static Scalar operator +(Scalar left, Scalar right) => new Plus(left, right);

    /// <summary>Difference.</summary>
    public static Scalar operator -(Scalar left, Scalar right) => new Plus(left, -right);

    /// <summary>Negation.</summary>
    public static Scalar operator -(Scalar x) =>
        x is Number(var value) ? new Number(-value) : new Call(Function.Negate, x);

    /// <summary>Product.</summary>
    public static Scalar operator *(Scalar left, Scalar right) => new Times(left, right);

    /// <summary>Quotient.</summary>
    public static Scalar operator /(Scalar left, Scalar right) =>
        new Times(left, right is Number(var value) ? new Number(1 / value) : new Call(Function.Reciprocal, right));

    /// <summary>The formula's value where the symbol is <paramref name="x"/>.</summary>
    public Node At(Node x) =>
        this switch
        {
            Argument => x,
            Number(var value) => Node.Constant(value),
            Call(var function, var of) => of.At(x).Map(function),
            Plus(var left, var right) => left.At(x) + right.At(x),
            Times(var left, var right) => left.At(x) * right.At(x),
            _ => throw new InvalidOperationException(
                "An equation's term stands in a scalar function; apply the function inside the equation instead."
            ),
        };

    /// <summary>The formula as text, the symbol written x.</summary>
    public sealed override string ToString() => Text.Of(this);
}
