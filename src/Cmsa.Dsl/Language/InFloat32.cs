using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl;

/// <summary>
/// A layer that computes in float32, with its parameters kept in float32, where the model's precision is lower; in a
/// model of float32 or float64 it is the layer itself. Written <c>f.InFloat32()</c>, for norms and softmaxes in a model
/// of bfloat16.
/// </summary>
/// <param name="Inner">The layer.</param>
public sealed record InFloat32<A, B>(Layer<A, B> Inner) : Layer<A, B>
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Inner];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => new InFloat32<A, B>((Layer<A, B>)parts[0]);

    internal override Written Write(Text text) => Text.Atom(text.At(Inner, Binding.Atom) + ".InFloat32()");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Cast(scope.InFloat32().Run(0, Cast(input, toFloat32: true)), toFloat32: false);

    private static Signal Cast(Signal signal, bool toFloat32) =>
        signal.Map(x => x.Type == ElementType.Real ? new Node(new Cast(toFloat32), x) : x);
}
