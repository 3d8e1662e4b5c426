using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl;

/// <summary>
/// A layer whose weights, embeddings among them, start from another initial value; biases, gains and statistics start
/// as before. The innermost of several counts. Written <c>f.InitializedBy(new Initializer.He())</c>.
/// </summary>
/// <param name="Inner">The layer.</param>
/// <param name="Initializer">The initial value.</param>
public sealed record InitializedBy<A, B>(Layer<A, B> Inner, Initializer Initializer) : Layer<A, B>
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Inner];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => this with { Inner = (Layer<A, B>)parts[0] };

    internal override Written Write(Text text) =>
        Text.Atom(text.At(Inner, Binding.Atom) + ".InitializedBy(" + text.Value(Initializer) + ")");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        scope.InitializedBy(Initializer).Run(0, input);
}
