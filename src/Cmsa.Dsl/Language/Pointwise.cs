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
    /// <exception cref="ArgumentException">
    /// It is several functions added as C# adds delegates, which gives the last of them alone.
    /// </exception>
    public static Layer<A, A> Of(Pointwise function) => new Elementwise<A>(Terms.Single(function)(Scalar.Symbol));

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
            Scalar.Call(var function, Scalar.Argument) => Text.Atom(Formula.NameOf(function)),
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
