using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// A layer with sizes that it fits: what a law is tried on. <see cref="RandomLayers"/> makes random ones.
/// </summary>
/// <typeparam name="A">The kind of the layer's argument.</typeparam>
/// <typeparam name="B">The kind of its result.</typeparam>
/// <param name="Layer">The layer.</param>
/// <param name="Extent">The sizes of its argument.</param>
/// <param name="Seed">From which weights and arguments are drawn.</param>
public sealed record Example<A, B>(Layer<A, B> Layer, InputSpec Extent, int Seed)
{
    /// <summary>Whether the layer's result may depend on the order of the words.</summary>
    public bool ReadsWordOrder =>
        Layer.Everything.Exists(p =>
            p.Layer
                is Lstm<Words>
                    or Lstm<WordMaps>
                    or Gru<Words>
                    or Gru<WordMaps>
                    or LastOfWords
                    or LastOfMaps
                    or PooledAttention { Over: AttentionScope.All }
        );

    /// <summary>What a law says of the example: <c>example.Obeys(Laws.BatchIsItsSamples)</c>.</summary>
    public Verdict Obeys(Law<A, B> law) => law(Layer, Extent, Seed);

    /// <summary>The layer and its sizes.</summary>
    public override string ToString() => $"{Layer}   at {Extent}, seed {Seed}";
}

/// <summary>Something that is true of every layer of some kind, at every size, with every weight.</summary>
/// <param name="layer">The layer.</param>
/// <param name="inputs">The sizes of its argument.</param>
/// <param name="seed">From which weights and arguments are drawn.</param>
public delegate Verdict Law<A, B>(Layer<A, B> layer, InputSpec inputs, int seed);
