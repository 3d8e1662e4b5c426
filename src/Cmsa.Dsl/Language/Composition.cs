using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The combinators of the language as operators: <c>&gt;&gt;</c> then, <c>*</c> side by side, <c>&amp;</c> fan out,
/// <c>+</c> sum.
/// </summary>
public static partial class Composition
{
    extension<A, B, C>(Layer<A, B>)
    {
        /// <summary>
        /// First <paramref name="f"/>, then <paramref name="g"/>. Associative, with <see cref="Identity{A}"/>
        /// neutral, as values.
        /// </summary>
        public static Layer<A, C> operator >>(Layer<A, B> f, Layer<B, C> g) =>
            Sequence<A, C>.Of(Sequence.Steps(f) + Sequence.Steps(g));

        /// <summary>Gives one argument to both: <c>x</c> becomes <c>(f x, g x)</c>.</summary>
        public static Layer<A, (B, C)> operator &(Layer<A, B> f, Layer<A, C> g) => new FanOut<A, B, C>(f, g);
    }

    extension<A, B, C, D>(Layer<A, B>)
    {
        /// <summary>Side by side: <c>(x, y)</c> becomes <c>(f x, g y)</c>.</summary>
        public static Layer<(A, C), (B, D)> operator *(Layer<A, B> f, Layer<C, D> g) => new Beside<A, B, C, D>(f, g);
    }

    extension<A, B>(Layer<A, B>)
    {
        /// <summary>The sum of what both make of one argument; their shapes must agree. Associative.</summary>
        public static Layer<A, B> operator +(Layer<A, B> f, Layer<A, B> g) =>
            new Sum<A, B>(Sum<A, B>.Terms(f) + Sum<A, B>.Terms(g));

        /// <summary>
        /// First <paramref name="f"/>, then the scalar function <paramref name="g"/> on every element.
        /// </summary>
        public static Layer<A, B> operator >>(Layer<A, B> f, Pointwise g) => f >> Elementwise<B>.Of(g);
    }

    extension<A, B>(Pointwise)
    {
        /// <summary>
        /// First the scalar function <paramref name="g"/> on every element, then <paramref name="f"/>.
        /// </summary>
        public static Layer<A, B> operator >>(Pointwise g, Layer<A, B> f) => Elementwise<A>.Of(g) >> f;
    }

    extension(Pointwise)
    {
        /// <summary>First <paramref name="f"/>, then <paramref name="g"/>, on every element.</summary>
        public static Pointwise operator >>(Pointwise f, Pointwise g) => x => Terms.Single(g)(Terms.Single(f)(x));
    }
}

/// <summary>
/// One step after the other. Written with <c>&gt;&gt;</c>; flat, without <see cref="Identity{A}"/>, at least two
/// steps long.
/// </summary>
/// <param name="Steps">The steps; the kinds of neighbours meet.</param>
public sealed record Sequence<A, B>(Many<Layer> Steps) : Layer<A, B>, ISequence
{
    /// <summary>The steps as one layer: the identity where there is none, the step itself where there is one.</summary>
    public static Layer<A, B> Of(Many<Layer> steps)
    {
        var flat = steps.Bind(Sequence.Steps);
        return flat switch
        {
            [] => (Layer<A, B>)(Layer)new Identity<A>(),
            [var only] => (Layer<A, B>)only,
            _ => new Sequence<A, B>(flat),
        };
    }

    /// <inheritdoc/>
    public override Many<Layer> Parts => Steps;

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => Of(parts);

    internal override Written Write(Text text) => text.Chain(Steps);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Many.Range(Steps.Count).Fold(input, (signal, step) => scope.Run(step, signal));
}

/// <summary>A <see cref="Sequence{A, B}"/> of any kinds.</summary>
internal interface ISequence;

internal static class Sequence
{
    /// <summary>What a layer does step by step: itself alone, unless it is a sequence or the identity.</summary>
    public static Many<Layer> Steps(Layer layer) =>
        layer switch
        {
            ISequence => layer.Parts,
            IIdentity => [],
            _ => [layer],
        };
}

/// <summary>Gives back what it gets. The neutral element of <c>&gt;&gt;</c>.</summary>
public sealed record Identity<A> : Layer<A, A>, IIdentity
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Hidden;

    internal override Written Write(Text text) =>
        text.IsCode ? Text.Atom($"Identity{Text.Kinds(In)}()") : base.Write(text);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input;
}

/// <summary>An <see cref="Identity{A}"/> of any kind.</summary>
internal interface IIdentity;

/// <summary>Two layers side by side on a pair. Written <c>first * second</c>.</summary>
public sealed record Beside<A, B, C, D>(Layer<A, B> First, Layer<C, D> Second) : Layer<(A, C), (B, D)>, IBeside
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [First, Second];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) =>
        new Beside<A, B, C, D>((Layer<A, B>)parts[0], (Layer<C, D>)parts[1]);

    internal override Written Write(Text text) =>
        Text.Filled(First.Write(text), "*", Second.Write(text), Binding.Times);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Signal.Pair(scope.Run(0, input.First), scope.Run(1, input.Second));
}

/// <summary>A <see cref="Beside{A, B, C, D}"/> of any kinds.</summary>
internal interface IBeside;

/// <summary>One argument given to two layers. Written <c>first &amp; second</c>.</summary>
public sealed record FanOut<A, B, C>(Layer<A, B> First, Layer<A, C> Second) : Layer<A, (B, C)>, IFanOut
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [First, Second];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => new FanOut<A, B, C>((Layer<A, B>)parts[0], (Layer<A, C>)parts[1]);

    internal override Written Write(Text text) =>
        Text.Operators("&", Binding.Fan, First.Write(text), Second.Write(text));

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Signal.Pair(scope.Run(0, input), scope.Run(1, input));
}

/// <summary>A <see cref="FanOut{A, B, C}"/> of any kinds.</summary>
internal interface IFanOut;

/// <summary>
/// The sum of what several layers make of one argument; all shapes must agree. Written <c>f + g</c>; a residual is
/// <c>Identity + f</c>.
/// </summary>
/// <param name="Addends">The layers, two at least, none of them a sum.</param>
public sealed record Sum<A, B>(Many<Layer> Addends) : Layer<A, B>, ISum
{
    internal static Many<Layer> Terms(Layer layer) => layer is Sum<A, B> sum ? sum.Addends : [layer];

    /// <inheritdoc/>
    public override Many<Layer> Parts => Addends;

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => new Sum<A, B>(parts.Bind(Terms));

    /// <summary>Whether the sum is <c>Identity + f</c>.</summary>
    public bool IsResidual => Addends is [IIdentity, _];

    internal override string Operator => IsResidual ? "Residual" : base.Operator;

    internal override Written Write(Text text) =>
        IsResidual
            ? Text.Call("Residual", Addends[1].Write(text).Document)
            : Addends.Tail.Fold(
                Addends.Head.Write(text),
                (sum, f) => Text.Filled(sum, "+", f.Write(text), Binding.Plus)
            );

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var terms = Many.Range(Addends.Count).Map(i => scope.Run(i, input));
        return terms.Tail.Fold(terms.Head, (a, b) => Signal.Zip(a, b, SameShape));
    }

    private static Node SameShape(Node a, Node b) =>
        a.Shape == b.Shape
            ? a + b
            : a.With(
                Error.Misfit(
                    $"sum of {a.Shape} and {b.Shape}",
                    "equal shapes",
                    a.Shape.SizeOf(Axis.Channel)
                        .Bind(x => b.Shape.SizeOf(Axis.Channel).Filter(y => x != y).Map(_ => x))
                        .Map(x => $"project one with Conv({x}, 1)")
                        .IfNone("make rows and columns agree: check strides and paddings")
                ),
                b
            );
}

/// <summary>A <see cref="Sum{A, B}"/> of any kinds.</summary>
internal interface ISum
{
    /// <summary>Whether the sum is <c>Identity + f</c>.</summary>
    bool IsResidual { get; }
}
