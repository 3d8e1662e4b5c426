using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// A layer on every element along the axes that its argument has beyond the layer's kind, with the same weights: one
/// for feature maps on every frame of a video. Written <c>f.Each&lt;Video, Video&gt;()</c>.
/// </summary>
/// <typeparam name="A">What the layer takes.</typeparam>
/// <typeparam name="B">What the layer gives.</typeparam>
/// <typeparam name="V">A kind with all axes of <typeparamref name="A"/> and some more.</typeparam>
/// <typeparam name="W">A kind with all axes of <typeparamref name="B"/> and the same ones more.</typeparam>
/// <param name="Body">The layer.</param>
public sealed record Carried<A, B, V, W>(Layer<A, B> Body) : Layer<V, W>
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Body];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => new Carried<A, B, V, W>((Layer<A, B>)parts[0]);

    internal override Written Write(Text text) =>
        Text.Atom(text.At(Body, Binding.Atom) + $".Each{Text.Kinds(In, Out)}()");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Misfit().Case is Error misfit)
            return input.Map(x => x.With(misfit));
        var output = scope.Run(0, input);
        var present =
            output.Present || (Kind.Of<W>() is Kind.Tensor { HasWords: true } ? input.Present : Option<Node>.None);
        return new Signal.Tensor(output.Node, present);
    }

    private static Option<Error> Misfit()
    {
        var (more, others) = (Beyond(Kind.Of<A>(), Kind.Of<V>()), Beyond(Kind.Of<B>(), Kind.Of<W>()));
        return more.IsSome && more == others
            ? Option<Error>.None
            : Error.Misfit(
                $"a layer from {Kind.Of<A>()} to {Kind.Of<B>()} on each of {Kind.Of<V>()} to {Kind.Of<W>()}",
                "kinds of one tensor that have the layer's axes and the same ones more",
                "declare a kind with these axes"
            );
    }

    private static Option<Many<Axis>> Beyond(Kind kind, Kind whole) =>
        (kind, whole) is (Kind.Tensor(_, var axes), Kind.Tensor(_, var all)) && axes.ForAll(all.Contains)
            ? all.Filter(axis => !axes.Contains(axis))
            : Option<Many<Axis>>.None;
}
